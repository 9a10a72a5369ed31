(** * The function t ln t and Gibbs's inequality, term by term *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors.
Import ListNotations.
Open Scope R_scope.

Definition phi (t : R) : R := t * ln t.                    (* 0 ln 0 = 0 *)
Lemma ln_le_1 t : 0 < t -> ln t <= t - 1. Proof. exact (ln_le_minus1 t). Qed.
Lemma ln_lt_1 t : 0 < t -> t <> 1 -> ln t < t - 1.
Proof.
  intros Ht N. rewrite <- (ln_exp (t - 1)). apply ln_increasing; [exact Ht|].
  pose proof (exp_ineq1 (t - 1) ltac:(lra)). lra.
Qed.
(* Gibbs, one term *)
Lemma Gibbs_term q pi : 0 <= q -> 0 < pi -> q - pi <= q * (ln q - ln pi).
Proof.
  intros [Hq|<-] Hp; [|lra]. pose proof (ln_le_1 (pi / q) ltac:(now apply Rdiv_lt_0_compat)) as L.
  unfold Rdiv in L. rewrite ln_mult, ln_Rinv in L by (try apply Rinv_0_lt_compat; assumption).
  apply Rmult_le_compat_l with (r := q) in L; [|lra].
  replace (q * (pi * / q - 1)) with (pi - q) in L by (field; lra). lra.
Qed.
Lemma Gibbs_term_strict q pi : 0 <= q -> 0 < pi -> q <> pi -> q - pi < q * (ln q - ln pi).
Proof.
  intros [Hq|<-] Hp N; [|lra].
  assert (N1 : pi / q <> 1) by (intro E; apply N; apply Rmult_eq_compat_r with (r := q) in E;
    unfold Rdiv in E; rewrite Rmult_assoc, Rinv_l, Rmult_1_l in E by lra; lra).
  pose proof (ln_lt_1 (pi / q) ltac:(now apply Rdiv_lt_0_compat) N1) as L. unfold Rdiv in L.
  rewrite ln_mult, ln_Rinv in L by (try apply Rinv_0_lt_compat; assumption).
  apply Rmult_lt_compat_l with (r := q) in L; [|lra].
  replace (q * (pi * / q - 1)) with (pi - q) in L by (field; lra). lra.
Qed.
Lemma phi_mid u v : 0 <= u -> 0 <= v -> 2 * phi ((u + v) / 2) <= phi u + phi v.
Proof.
  intros Hu Hv. destruct (Req_dec (u + v) 0) as [Z|N];
    [replace u with 0 by lra; replace v with 0 by lra; unfold phi; right; field|].
  set (c := (u + v) / 2). assert (c0 : 0 < c) by (unfold c; lra). pose proof (Gibbs_term u c Hu c0).
  pose proof (Gibbs_term v c Hv c0). unfold phi.
  assert (E : 2 * (c * ln c) = (u + v) * ln c) by (unfold c; field). rewrite E. unfold c in *. lra.
Qed.
Lemma phi_mid_strict u v : 0 <= u -> 0 <= v -> u <> v -> 2 * phi ((u + v) / 2) < phi u + phi v.
Proof.
  intros Hu Hv N. set (c := (u + v) / 2). assert (c0 : 0 < c) by (unfold c; lra).
  assert (u <> c) by (unfold c; lra). pose proof (Gibbs_term_strict u c Hu c0 H).
  pose proof (Gibbs_term v c Hv c0). unfold phi.
  assert (E : 2 * (c * ln c) = (u + v) * ln c) by (unfold c; field). rewrite E. unfold c in *. lra.
Qed.
Lemma phi_continuous t : continuity_pt phi t.
Proof.
  destruct (Rtotal_order t 0) as [Neg|[-> |Pos]].
  - assert (Z : forall u, u <= 0 -> phi u = 0) by (intros u Hu; unfold phi, ln; destruct (Rlt_dec 0 u);
      [exfalso; lra|ring]).
    intros e He. exists (- t). split; [lra|]. intros u [_ Hu]. simpl in *. unfold R_dist in *.
    apply Rabs_lt_between in Hu. rewrite !Z by lra. rewrite Rminus_eq_0, Rabs_R0. exact He.
  - intros e He. assert (P : 0 < Rmin 1 ((e / 2) ^ 2)) by (apply Rmin_glb_lt; [lra|apply pow_lt; lra]).
    exists (Rmin 1 ((e / 2) ^ 2)). split; [exact P|].
    intros u [_ Hu]. simpl in *. unfold R_dist in *. rewrite Rminus_0_r in Hu.
    assert (Z : phi 0 = 0) by (unfold phi; ring). rewrite Z, Rminus_0_r.
    pose proof (Rlt_le_trans _ _ _ Hu (Rmin_l _ _)) as U1.
    pose proof (Rlt_le_trans _ _ _ Hu (Rmin_r _ _)) as U2. unfold phi.
    destruct (Rlt_dec 0 u) as [Pu|Nu].
    + rewrite Rabs_pos_eq in U1, U2 by lra. pose proof (sqrt_lt_R0 u Pu) as Sp.
      pose proof (sqrt_sqrt u ltac:(lra)) as Ss.
      pose proof (ln_le_1 (/ sqrt u) ltac:(now apply Rinv_0_lt_compat)) as L.
      rewrite ln_Rinv in L by exact Sp.
      assert (Lu : ln u = 2 * ln (sqrt u)) by (transitivity (ln (sqrt u * sqrt u));
        [now rewrite Ss|rewrite ln_mult by exact Sp; ring]).
      assert (ln u <= 0) by (pose proof (ln_le_1 u Pu); lra).
      rewrite Rabs_mult, (Rabs_pos_eq u), (Rabs_left1 (ln u)) by lra.
      apply Rle_lt_trans with (2 * sqrt u).
      * rewrite Lu. apply Rmult_le_compat_l with (r := u) in L; [|lra].
        assert (Us : u * / sqrt u = sqrt u) by (apply Rmult_eq_reg_r with (sqrt u);
          [rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra; lra|lra]).
        replace (u * (/ sqrt u - 1)) with (sqrt u - u) in L by (rewrite <- Us at 1; ring). lra.
      * assert (sqrt u < e / 2); [|lra]. apply Rsqr_incrst_0; [|lra|lra]. unfold Rsqr. rewrite Ss.
        simpl in U2. lra.
    + unfold ln. destruct (Rlt_dec 0 u); [contradiction|]. rewrite Rmult_0_r, Rabs_R0. exact He.
  - apply continuity_pt_mult; [apply derivable_continuous_pt, derivable_pt_id|now apply ln_cont].
Qed.
