(** * One layer costs a factor 2, all layers any widths (steps 2 and 3 of Lemma C.2) *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Signs Contraction Networks.
Import ListNotations.
Open Scope R_scope.

Section Peeling.
Context {Act : activation}.
Lemma sigma_contraction : contraction_map σ.
Proof. split; [now apply sigma_0|exact σ_lipschitz]. Qed.

(* for given signs, a layer is no better than a single row *)
Lemma single_row e m mo (W : nat -> nat -> R) (hh : nat -> nat -> R) rho : 0 < rho ->
  sum mo (fun k => sq m (W k)) <= rho ^ 2 ->
  exists w, sq m w <= rho ^ 2 /\ sq mo (fun k => signed_sum e (fun i => σ (dot m (W k) (hh i))))
    <= signed_sum e (fun i => σ (dot m w (hh i))) ^ 2.
Proof.
  intros Hr HW. set (G := fun v => signed_sum e (fun i => σ (dot m v (hh i)))).
  assert (Z : exists w, sq m w <= rho ^ 2 /\ forall k, (k < mo)%nat ->
    rho ^ 2 * G (W k) ^ 2 <= sq m (W k) * G w ^ 2).
  { clear HW. induction mo as [|mo (w & Hw & IH)].
    - exists (fun _ => 0). split; [|intros; lia]. unfold sq.
      rewrite (sum_ext _ _ (fun _ => 0)) by (intros; ring). rewrite sum_const. nra.
    - destruct (Rle_lt_or_eq_dec _ _ (sq_nonneg m (W mo))) as [Pos|Nul].
      + set (b := rho / sqrt (sq m (W mo))). pose proof (sqrt_lt_R0 _ Pos) as Sp.
        assert (B0 : 0 < b) by now apply Rdiv_lt_0_compat.
        assert (Sq : sqrt (sq m (W mo)) ^ 2 = sq m (W mo)) by (rewrite <- Rsqr_pow2; apply Rsqr_sqrt; lra).
        set (w' := fun j => b * W mo j).
        assert (N' : sq m w' = rho ^ 2). { unfold w'. rewrite sq_scal. rewrite <- Sq. unfold b. field. lra. }
        assert (G' : G w' = b * G (W mo)).
        { unfold G. rewrite <- signed_sum_scal. apply signed_sum_ext. intro i. rewrite <- σ_homogeneous
            by exact B0. f_equal. unfold dot, w'. rewrite <- sum_scal. apply sum_ext. intros. ring. }
        assert (Me : rho ^ 2 * G (W mo) ^ 2 = sq m (W mo) * G w' ^ 2).
        { rewrite G'. rewrite <- Sq. unfold b. field. lra. }
        destruct (Rle_or_lt (G w ^ 2) (G w' ^ 2)) as [L|L].
        * exists w'. split; [lra|]. intros k Hk. destruct (Nat.eq_dec k mo) as [->|]; [lra|].
          apply Rle_trans with (sq m (W k) * G w ^ 2); [apply IH; lia|].
          apply Rmult_le_compat_l; [apply sq_nonneg|exact L].
        * exists w. split; [exact Hw|]. intros k Hk. destruct (Nat.eq_dec k mo) as [->|]; [|apply IH; lia].
          rewrite Me. apply Rmult_le_compat_l; lra.
      + exists w. split; [exact Hw|]. intros k Hk. destruct (Nat.eq_dec k mo) as [->|]; [|apply IH; lia].
        assert (D : forall i, dot m (W mo) (hh i) = 0).
        { intro i. pose proof (Cauchy_Schwarz m (W mo) (hh i)) as C. rewrite <- Nul, Rmult_0_l in C. nra. }
        assert (G0 : G (W mo) = 0).
        { unfold G. rewrite (signed_sum_ext e _ (fun _ => 0 * 0)); [rewrite signed_sum_scal; ring|].
            intro i. rewrite D, sigma_0. ring. }
        rewrite G0, <- Nul. lra. }
  destruct Z as (w & Hw & HG). exists w. split; [exact Hw|]. fold (G w). unfold sq at 1.
  change (sum mo (fun k => G (W k) ^ 2) <= G w ^ 2).
  apply Rmult_le_reg_l with (rho ^ 2); [now apply pow_lt|]. rewrite <- sum_scal.
  apply Rle_trans with (sum mo (fun k => sq m (W k) * G w ^ 2)); [now apply sum_le|].
  rewrite (sum_ext _ _ (fun k => G w ^ 2 * sq m (W k))) by (intros; ring). rewrite sum_scal, Rmult_comm.
  apply Rmult_le_compat_r; [apply pow2_ge_0|exact HW].
Qed.

Section OneLayer.
(* a class of vector functions: h x i is the value at example i *)
Variable X : Type.
Variable m : X -> nat.
Variable h : X -> nat -> nat -> R.
Variable g : R -> R.
Hypothesis g_mono : forall u v, u <= v -> g u <= g v.
Hypothesis g_convex : forall c u v, 0 <= c <= 1 -> g (c * u + (1 - c) * v) <= c * g u + (1 - c) * g v.
Hypothesis g_nonneg : forall u, 0 <= g u.

Theorem one_layer n rho (x : list R -> X) (mo : list R -> nat) (W : list R -> nat -> nat -> R) : 0 < rho ->
  (forall e, sum (mo e) (fun k => sq (m (x e)) (W e k)) <= rho ^ 2) ->
  exists u, (forall P : X -> Prop, (forall e, P (x e)) -> forall e, P (u e)) /\
  E n (fun e => g (sqrt (sq (mo e) (fun k => signed_sum e (fun i => σ (dot (m (x e)) (W e k) (h (x e) i)))))))
   <= 2 * E n (fun e => g (rho * sqrt (sq (m (u e)) (fun j => signed_sum e (fun i => h (u e) i j))))).
Proof.
  intros Hr HW.
  destruct (finite_choice (list_eq_dec Req_EM_T) (fun _ : nat => 0) (signs n)
    (fun e w => sq (m (x e)) w <= rho ^ 2 /\
      sq (mo e) (fun k => signed_sum e (fun i => σ (dot (m (x e)) (W e k) (h (x e) i))))
      <= signed_sum e (fun i => σ (dot (m (x e)) w (h (x e) i))) ^ 2)) as (w0 & Hw0).
  { intros e _. now apply single_row. }
  (* outside of the sign vectors the choice is zero *)
  set (w := fun e => if in_dec (list_eq_dec Req_EM_T) e (signs n) then w0 e else (fun _ => 0)).
  assert (Hw : forall e, sq (m (x e)) (w e) <= rho ^ 2).
  { intro e. unfold w. destruct (in_dec _ e (signs n)) as [I|N]; [now apply Hw0|].
      unfold sq. rewrite (sum_ext _ _ (fun _ => 0)) by (intros; ring). rewrite sum_const. nra. }
  set (Y := (X * (nat -> R))%type). set (t := fun e => (x e, w e) : Y).
  set (c := fun i (z : Y) => dot (m (fst z)) (snd z) (h (fst z) i)).
  destruct (contraction Y g g_mono g_convex n c (fun _ => σ) t (fun _ => sigma_contraction))
    as (u1 & P1 & C1).
  destruct (contraction Y g g_mono g_convex n c (fun _ => σ) (fun e => t (map Ropp e))
    (fun _ => sigma_contraction)) as (u2 & P2 & C2).
  set (val := fun e (z : Y) => signed_sum e (fun i => c i z)).
  set (u := fun e => if Rle_dec (val e (u1 e)) (val e (u2 e)) then u2 e else u1 e).
  assert (PU : forall P : Y -> Prop, (forall e, P (t e)) -> forall e, P (u e)).
  { intros P H e. unfold u. destruct (Rle_dec _ _); [apply P2; intro; apply H|now apply P1]. }
  exists (fun e => fst (u e)). split; [intros P H e; apply (PU (fun z => P (fst z))); exact H|].
  set (z := fun e => signed_sum e (fun i => σ (c i (t e)))).
  apply Rle_trans with (E n (fun e => g (z e) + g (- z e))).
  { apply E_le. intros e I. destruct (Hw0 e I) as [_ R0].
    assert (R1 : sqrt (sq (mo e) (fun k => signed_sum e (fun i => σ (dot (m (x e)) (W e k) (h (x e) i)))))
      <= Rabs (z e)).
    { rewrite <- sqrt_Rsqr_abs, Rsqr_pow2. apply sqrt_le_1_alt. unfold z, c,
        t. simpl. unfold w. destruct (in_dec _ e (signs n)); [exact R0|contradiction]. }
    apply g_mono in R1. apply Rle_trans with (1 := R1). pose proof (g_nonneg (z e)).
    pose proof (g_nonneg (- z e)).
    unfold Rabs. destruct (Rcase_abs (z e)); lra. }
  rewrite E_plus.
  assert (N2 : E n (fun e => g (- z e))
    = E n (fun e => g (signed_sum e (fun i => σ (c i (t (map Ropp e))))))).
  { rewrite <- E_opp. apply E_ext. intros e _. f_equal. unfold z. rewrite signed_sum_opp. ring. }
  rewrite N2.
  assert (U : forall e, val e (u1 e) <= val e (u e) /\ val e (u2 e) <= val e (u e)).
  { intro e. unfold u. destruct (Rle_dec _ _); lra. }
  assert (B1 : E n (fun e => g (val e (u1 e))) <= E n (fun e => g (val e (u e))))
    by (apply E_le; intros; apply g_mono, U).
  assert (B2 : E n (fun e => g (val e (u2 e))) <= E n (fun e => g (val e (u e))))
    by (apply E_le; intros; apply g_mono, U).
  assert (CS : E n (fun e => g (val e (u e)))
    <= E n (fun e => g (rho
    * sqrt (sq (m (fst (u e))) (fun j => signed_sum e (fun i => h (fst (u e)) i j)))))).
  { apply E_le. intros e _. apply g_mono. set (S := fun j => signed_sum e (fun i => h (fst (u e)) i j)).
    assert (V : val e (u e) = dot (m (fst (u e))) (snd (u e)) S).
    { unfold val, c, dot. rewrite (signed_sum_sum e (m (fst (u e))) (fun i j => snd (u e) j
        * h (fst (u e)) i j)). apply sum_ext. intros j _. unfold S. rewrite <- signed_sum_scal.
        reflexivity. }
    rewrite V. pose proof (Cauchy_Schwarz (m (fst (u e))) (snd (u e)) S) as Q.
    assert (Nw : sq (m (fst (u e))) (snd (u e)) <= rho ^ 2)
      by (apply (PU (fun z => sq (m (fst z)) (snd z) <= rho ^ 2)); exact Hw).
    pose proof (sq_nonneg (m (fst (u e))) S) as S0.
    apply Rle_trans with (1 := Rle_abs _). rewrite <- sqrt_Rsqr_abs, Rsqr_pow2.
    replace rho with (sqrt (rho ^ 2)) at 1 by (rewrite <- Rsqr_pow2; apply sqrt_Rsqr; lra).
    rewrite <- sqrt_mult by (try exact S0; apply pow2_ge_0).
    apply sqrt_le_1_alt. apply Rle_trans with (1 := Q). apply Rmult_le_compat_r; assumption. }
  change (E n (fun e => g (z e))) with (E n (fun e => g (signed_sum e (fun i => σ (c i (t e)))))).
  unfold val in *. lra.
Qed.
End OneLayer.

(** * All hidden layers, any widths (step 3 of Lemma C.2) *)
Definition params := ((nat -> nat) * (nat -> nat -> nat -> R))%type.        (* widths and weights *)
Definition in_class (d : nat) (rho : R) (k : nat) (z : params) : Prop := fst z O = d /\
  forall j, (j < k)%nat -> frob (fst z) (snd z) j <= rho ^ 2.
Definition act (x : nat -> nat -> R) (k : nat) (z : params) (i : nat) : nat -> R :=
  hidden (fst z) (snd z) (x i) k.
Theorem all_layers d n rho (x : nat -> nat -> R) k : 0 < rho -> forall (g : R -> R) (z : list R -> params),
  (forall u v, u <= v -> g u <= g v) -> (forall c u v, 0 <= c <= 1 ->
    g (c * u + (1 - c) * v) <= c * g u + (1 - c) * g v) -> (forall u, 0 <= g u) ->
  (forall e, in_class d rho k (z e)) ->
  E n (fun e => g (sqrt (sq (fst (z e) k) (fun j => signed_sum e (fun i => act x k (z e) i j)))))
   <= 2 ^ k * E n (fun e => g (rho ^ k * sqrt (sq d (fun j => signed_sum e (fun i => x i j))))).
Proof.
  intro Hr. induction k as [|k IH]; intros g z Gm Gc Gp Hz.
  - simpl. rewrite Rmult_1_l. apply E_le. intros e _. rewrite Rmult_1_l. destruct (Hz e) as [-> _].
    unfold act. simpl. lra.
  - destruct (one_layer params (fun z => fst z k) (act x k) g Gm Gc Gp n rho z (fun e => fst (z e) (S k))
      (fun e => snd (z e) k) Hr) as (u & PU & Q).
    { intro e. apply (Hz e). lia. }
    assert (Hu : forall e, in_class d rho k (u e)).
    { apply PU. intro e. destruct (Hz e) as [H0 H1]. split; [exact H0|]. intros j Hj. apply H1. lia. }
    apply Rle_trans with (1 := Q).
    pose proof (IH (fun v => g (rho * v)) u) as R0. cbv beta in R0.
    assert (R1 : E n (fun e => g (rho
      * sqrt (sq (fst (u e) k) (fun j => signed_sum e (fun i => act x k (u e) i j)))))
      <= 2 ^ k * E n (fun e => g (rho * (rho ^ k * sqrt (sq d (fun j => signed_sum e (fun i => x i j))))))).
    { apply R0; try assumption.
      - intros v w Hvw. apply Gm, Rmult_le_compat_l; lra.
      - intros c v w Hc. replace (rho * (c * v + (1 - c) * w)) with (c * (rho * v) + (1 - c) * (rho * w))
          by ring. now apply Gc.
      - intro. apply Gp. }
    rewrite (E_ext n (fun e => g (rho ^ S k * sqrt (sq d (fun j => signed_sum e (fun i => x i j)))))
      (fun e => g (rho * (rho ^ k * sqrt (sq d (fun j => signed_sum e (fun i => x i j))))))).
    + simpl. lra.
    + intros e _. f_equal. simpl. ring.
Qed.
End Peeling.
