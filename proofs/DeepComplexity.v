(** * Lemma C.2 (ii) for a choice of a network for each sign vector *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Signs Contraction Networks Peeling.
Import ListNotations.
Open Scope R_scope.

Section DeepComplexity.
Context {Act : activation}.
Variables (d n K : nat) (x : nat -> vec).
Hypothesis depth : (2 <= K)%nat.
Notation frob_X := (frob_X d n x).
(* F_K: networks of depth K, any widths, one output, every layer of norm at most K^(-1/2) *)
Definition F_K (z : params) := fst z O = d /\ fst z K = 1%nat /\ forall j, (j < K)%nat ->
  frob (fst z) (snd z) j <= / INR K.
Definition output (z : params) (i : nat) := net K (fst z) (snd z) (x i).
Definition rho := sqrt (/ INR K).

Lemma K_R : 2 <= INR K. Proof. replace 2 with (INR 2) by (simpl; lra). now apply le_INR. Qed.
Lemma rho_pos : 0 < rho. Proof. apply sqrt_lt_R0, Rinv_0_lt_compat. pose proof K_R. lra. Qed.
Lemma rho_sq : rho ^ 2 = / INR K. Proof. unfold rho. rewrite <- Rsqr_pow2. apply Rsqr_sqrt. left.
apply Rinv_0_lt_compat. pose proof K_R. lra. Qed.

(** Step 3 of Lemma C.2 *)
Lemma step_3 mu (z : list R -> params) : 0 < mu -> (forall e, F_K (z e)) ->
  E n (fun e => signed_sum e (output (z e))) <= / mu
    * ln (2 ^ pred K * E n (fun e => exp (mu * rho ^ K * signed_length d x (fun _ => 0) e))).
Proof.
  intros Hmu Hz. pose proof rho_pos as Hr. apply Rle_trans with (1 := Jensen_exp n mu _ Hmu).
  apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|].
  set (k := pred K). assert (EK : K = S k) by (unfold k; lia).
  assert (C1 : E n (fun e => exp (mu * signed_sum e (output (z e)))) <= 2 ^ k
    * E n (fun e => exp (mu * rho ^ K * signed_length d x (fun _ => 0) e))).
  { apply Rle_trans with (E n (fun e => exp (mu * rho
      * sqrt (sq (fst (z e) k) (fun j => signed_sum e (fun i => act x k (z e) i j)))))).
    - apply E_le. intros e _. apply exp_mono. rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra|].
      destruct (Hz e) as (_ & H1 & HF).
      set (Sv := fun j => signed_sum e (fun i => act x k (z e) i j)).
      assert (V : signed_sum e (output (z e)) = dot (fst (z e) k) (snd (z e) k O) Sv).
      { unfold output, net, layer,
          dot. fold k. rewrite (signed_sum_sum e (fst (z e) k) (fun i j => snd (z e) k O j
          * hidden (fst (z e)) (snd (z e)) (x i) k j)).
        apply sum_ext. intros j _. unfold Sv. rewrite <- signed_sum_scal. reflexivity. }
      rewrite V. apply Rle_trans with (1 := dot_le_len _ _ _). fold (len (fst (z e) k) Sv).
      apply Rmult_le_compat_r; [apply len_nonneg|].
      unfold rho. apply sqrt_le_1_alt. apply Rle_trans with (2 := HF k ltac:(lia)). unfold frob.
      rewrite <- EK, H1. simpl. lra.
    - pose proof (all_layers  d n rho x k Hr (fun v => exp (mu * rho * v)) z) as Q. cbv beta in Q.
      assert (P0 : 0 < mu * rho) by (apply Rmult_lt_0_compat; lra).
      apply Rle_trans with (2 ^ k * E n (fun e => exp (mu * rho
        * (rho ^ k * sqrt (sq d (fun j => signed_sum e (fun i => x i j))))))).
      + apply Q.
        * intros u v Huv. apply exp_mono, Rmult_le_compat_l; lra.
        * intros c u v Hc. replace (mu * rho * (c * u + (1 - c) * v))
            with (c * (mu * rho * u) + (1 - c) * (mu * rho * v)) by ring. now apply exp_convex.
        * intro u. left. apply exp_pos.
        * intro e. destruct (Hz e) as (H0 & _ & HF). split; [exact H0|]. intros j Hj. rewrite rho_sq.
          apply HF. lia.
      + right. f_equal. apply E_ext. intros e _. f_equal. rewrite EK. simpl. unfold signed_length.
        replace (len d (fun j => 0 + signed_sum e (fun i => x i j)))
          with (sqrt (sq d (fun j => signed_sum e (fun i => x i j)))); [ring|].
        symmetry. apply (len_ext d). intro. ring. }
  assert (P : 0 < E n (fun e => exp (mu * signed_sum e (output (z e))))).
  { clear. set (F := fun e => mu * signed_sum e (output (z e))). change (0
      < E n (fun e => exp (F e))). generalize F. clear. induction n as [|k IH]; intro F; cbn [E];
      [apply exp_pos|].
    pose proof (IH (fun e => F (1 :: e))). pose proof (IH (fun e => F (- (1) :: e))). cbv beta in *. lra. }
  destruct C1 as [C1|C1]; [left; now apply ln_increasing|rewrite C1; lra].
Qed.
(** Steps 4 and 5 of Lemma C.2 *)
Lemma step_5 mu (z : list R -> params) : 0 < mu -> (forall e, F_K (z e)) ->
  E n (fun e => signed_sum e (output (z e))) <= rho ^ K * frob_X + INR (pred K) * ln 2 / mu + mu
    * (rho ^ K * frob_X) ^ 2 / 2.
Proof.
  intros Hmu Hz. apply Rle_trans with (1 := step_3 mu z Hmu Hz). pose proof rho_pos as Hr.
  pose proof (pow_lt rho K Hr) as HP.
  pose proof (McDiarmid_signs (mu * rho ^ K) n (signed_length d x (fun _ => 0)) _
    (signed_length_bounded d n x (fun _ => 0))) as M.
  pose proof (signed_length_mean d n x) as Mean. fold frob_X in Mean.
  set (Q := sum n (fun i => len d (x i) ^ 2)) in *.
  assert (Q0 : 0 <= Q).
  { apply sum_nonneg. intros. apply pow2_ge_0. }
  assert (FQ : frob_X ^ 2 = Q) by (unfold Statements.frob_X; rewrite <- Rsqr_pow2; now apply Rsqr_sqrt).
  assert (M2 : E n (fun e => exp (mu * rho ^ K * signed_length d x (fun _ => 0) e))
    <= exp (mu * rho ^ K * frob_X + (mu * rho ^ K) ^ 2 * Q / 2)).
  { apply Rle_trans with (1 := M), exp_mono. apply Rplus_le_compat_r, Rmult_le_compat_l;
      [left; now apply Rmult_lt_0_compat|exact Mean]. }
  assert (T : 0 < 2 ^ pred K) by (apply pow_lt; lra).
  assert (P : 0 < E n (fun e => exp (mu * rho ^ K * signed_length d x (fun _ => 0) e))).
  { set (F := fun e => mu * rho ^ K * signed_length d x (fun _ => 0) e). change (0
      < E n (fun e => exp (F e))). generalize F. clear. induction n as [|k IH]; intro F; cbn [E];
      [apply exp_pos|].
    pose proof (IH (fun e => F (1 :: e))). pose proof (IH (fun e => F (- (1) :: e))). cbv beta in *. lra. }
  apply Rle_trans with (/ mu * (INR (pred K) * ln 2 + (mu * rho ^ K * frob_X + (mu * rho ^ K) ^ 2 * Q / 2))).
  - apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|]. rewrite ln_mult, ln_pow by lra.
    apply Rplus_le_compat_l.
    rewrite <- (ln_exp (mu * rho ^ K * frob_X + (mu * rho ^ K) ^ 2 * Q / 2)).
    destruct M2 as [M2|M2]; [left; now apply ln_increasing|rewrite M2; lra].
  - right. rewrite <- FQ. field. lra.
Qed.
Theorem lem_C_2_ii (z : list R -> params) : (forall e, F_K (z e)) ->
  E n (fun e => signed_sum e (output (z e))) <= rho ^ K * frob_X * (1 + sqrt (2 * INR (pred K) * ln 2)).
Proof.
  intro Hz. pose proof (pow_lt rho K rho_pos) as HP.
  pose proof (sqrt_pos (sum n (fun i => len d (x i) ^ 2))) as F0. fold frob_X in F0.
  assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (K1 : 1 <= INR (pred K)) by (replace 1 with (INR 1) by reflexivity; apply le_INR; lia).
  set (A := rho ^ K * frob_X). assert (A0 : 0 <= A) by (unfold A; apply Rmult_le_pos; lra).
  set (b := INR (pred K) * ln 2). assert (B0 : 0 < b) by (unfold b; apply Rmult_lt_0_compat; lra).
  set (r := sqrt (2 * INR (pred K) * ln 2)). assert (R2 : r ^ 2 = 2 * b)
    by (unfold r, b; rewrite <- Rsqr_pow2, Rsqr_sqrt; [ring|apply Rmult_le_pos; lra]).
  assert (R0 : 0 < r) by (apply sqrt_lt_R0; apply Rmult_lt_0_compat; lra).
  destruct A0 as [A0|Z].
  - assert (Hmu : 0 < r / A) by now apply Rdiv_lt_0_compat. pose proof (step_5 (r / A) z Hmu Hz) as Q.
    fold A b in Q.
    apply Rle_trans with (1 := Q). right. replace b with (r ^ 2 / 2) by lra. field. lra.
  - rewrite <- Z, Rmult_0_l. apply Rnot_lt_le. intro Lt.
    set (v := E n (fun e => signed_sum e (output (z e)))) in *.
    assert (Hmu : 0 < 2 * b / v) by (apply Rdiv_lt_0_compat; lra).
    pose proof (step_5 (2 * b / v) z Hmu Hz) as Q. fold A b v in Q. rewrite <- Z in Q.
    replace (0 + b / (2 * b / v) + 2 * b / v * 0 ^ 2 / 2) with (v / 2) in Q by (field; lra). lra.
Qed.
End DeepComplexity.
