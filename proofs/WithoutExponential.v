(** * Theorem 2.2-I: λ without the exponential factor *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors Scaling NormGrowth
  ApproximateMinimisers ConstantFactor.
Import ListNotations.
Open Scope R_scope.

Lemma num_c : 1 < 9.88 * ln 2. Proof. interval with (i_prec 40). Qed.
Lemma num_d : 0 <= (ln 14 - 1) * / ln 2. Proof. interval with (i_prec 40). Qed.
Lemma num_e : 3 + (ln 14 - 1) * / ln 2 + (/ 7 + exp 1 / 10) <= 9.88 * (1 - (/ 7 + exp 1 / 10)).
Proof. interval with (i_prec 40). Qed.
Lemma num_f : 0 <= 1 - (/ 7 + exp 1 / 10). Proof. interval with (i_prec 40). Qed.
Lemma num_g : 6 / exp 1 <= 2.21. Proof. interval with (i_prec 40). Qed.
Lemma num_h : 0 < ln 2.21. Proof. interval with (i_prec 40). Qed.
Lemma num_i : 1 < 6.9 * ln 2. Proof. interval with (i_prec 40). Qed.
Lemma num_j : / ln 2 <= 19 / 30 * 2.28. Proof. interval with (i_prec 40). Qed.

Section WithoutExponential.
Context {Mo : model}.
Let one_example : (1 <= n)%nat := n_pos.
Let more_classes : (2 <= l)%nat := two_classes.
Let degree_pos : 0 < a := a_pos.
Let power_pos : 0 < r := r_pos.

(** ** Theorem 2.2-I *)
Lemma without_exponential_small γ c λ β Θ0 Θ : N >= 2 -> 0 < γ -> max_margin γ -> q <= 1 -> c >= 9.88 ->
  λ = pw γ q * pw (q / N) c ->
  1 <= β <= 2 -> minimiser λ Θ0 -> loss λ Θ <= β * loss λ Θ0 ->
  0 < norm Θ /\ γ / (10 * pw β (a / r)) <= normalised_margin Θ.
Proof.
  intros HN Hg Hm Hq1 Hc El Hb Min HL. pose proof q_pos as Hq. pose proof (pw_pos γ q Hg) as Pg.
  assert (QN : 0 < q / N) by (apply Rdiv_lt_0_compat; lra).
  pose proof (pw_pos (q / N) c QN) as PN.
  assert (Hl : 0 < λ) by (rewrite El; now apply Rmult_lt_0_compat).
  set (Y := ln (N / q)). pose proof l1_R as L1. pose proof n_ge1 as N1. pose proof ln2_pos as L2.
  assert (IQ : 1 <= / q) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra).
  assert (NQ : N <= N / q) by (unfold Rdiv; nra).
  assert (Y2 : ln 2 <= Y) by (apply ln_mono; lra).
  set (X := ln (pw γ q / λ)).
  assert (EX : X = c * Y).
  { unfold X, Y. rewrite El. replace (pw γ q / (pw γ q * pw (q / N) c)) with (/ pw (q / N) c) by (field; lra).
    rewrite ln_Rinv, ln_pw by assumption. replace (N / q) with (/ (q / N)) by (field; lra).
    rewrite ln_Rinv by exact QN. ring. }
  set (La := X + ln ((INR l - 1) / q)).
  assert (LL : 0 <= ln ((INR l - 1) / q)) by (rewrite <- ln_1; apply ln_mono; [lra|unfold Rdiv; nra]).
  assert (LY : ln ((INR l - 1) / q) <= Y).
  { apply ln_mono; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_le_compat_r; [lra|]. unfold N. nra. }
  pose proof ln_n_N. assert (ln N <= Y) by (apply ln_mono; lra). assert (LnN : ln n <= Y) by lra.
  assert (L4 : ln 4 <= 2 * Y) by (replace 4 with (2 * 2) by ring; rewrite ln_mult by lra; lra).
  pose proof num_c as N7.
  assert (X1 : 1 < X) by (rewrite EX; apply Rlt_le_trans with (1 := N7), Rmult_le_compat; lra).
  assert (La1 : 1 < La) by (unfold La; lra). assert (PLa : 0 < La ** q) by (apply pw_pos; lra).
  apply (constant_factor λ γ β Θ0 Θ (q + pw La q)); try assumption; try lra.
  { (* step 8 *) destruct (A_2_step1 λ γ (pw (La / γ) (/ a)) Hl Hm (pw_nonneg _ _)) as (Θ' & HT').
    apply Rle_trans with (1 := Min Θ'), Rle_trans with (1 := HT').
    assert (LG : 0 <= La / γ) by (apply Rdiv_le_0_compat; lra).
    unfold V. rewrite !pw_pw by exact LG. rewrite Rinv_l, pw_e1 by lra.
    replace (/ a * r) with q by (unfold q; field; lra).
    replace (La / γ * γ) with La by (field; lra). rewrite pw_div by lra. rewrite (pw_inv γ) by exact Hg.
    assert (E : (INR l - 1) * exp (- La) = λ * / pw γ q * q).
    { unfold La. rewrite exp_Ropp, exp_plus. unfold X. rewrite !exp_ln
        by (apply Rdiv_lt_0_compat; lra). field. repeat split; lra. }
    rewrite E. pose proof (Rinv_0_lt_compat _ Pg).
    assert (0 < λ * / pw γ q * q) by (pos).
    assert (ln (1 + λ * / pw γ q * q) <= λ * / pw γ q * q) by (apply ln1p_le; lra).
    unfold Rdiv. lra. }
  fold X.
  (** Step 9 of Theorem 2.2 *)
  assert (PL1 : 1 <= pw La q) by (rewrite <- (pw_1 q); apply pw_le; lra).
  pose proof (exp_pos 1) as E1.
  assert (R1 : pw (q + pw La q) (/ q) <= exp 1 * La).
  { apply pw_root; [apply Rmult_le_pos; lra| |lra].
      rewrite pw_mult by lra. rewrite (pw_pos_eq (exp 1)) by exact E1. unfold Rpower.
    rewrite ln_exp, Rmult_1_r.
    pose proof (exp_ge1 q). apply Rle_trans with ((1 + q) * pw La q).
    { assert (q * 1 <= q * La ** q) by (apply Rmult_le_compat_l; lra). lra. }
    apply Rmult_le_compat_r; lra. }
  assert (R2 : ln (q + pw La q) <= La / 7 + (ln 14 - 1)).
  { apply Rle_trans with (ln (2 * La)).
    - apply ln_mono; [lra|]. assert (pw La q <= La); [|lra]. rewrite pw_pos_eq by lra.
      rewrite <- (Rpower_1 La) at 2 by lra. apply Rle_Rpower; lra.
    - pose proof (ln_tangent (2 * La) 14 ltac:(lra) ltac:(lra)). lra. }
  assert (R3 : La <= (c + 1) * Y) by (unfold La; lra).
  (** Step 10 of Theorem 2.2 *)
  assert (R4 : (ln 14 - 1) * / ln 2 * ln 2 <= (ln 14 - 1) * / ln 2 * Y)
    by (apply Rmult_le_compat_l; [exact num_d|lra]).
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r in R4 by lra.
  set (al := / 7 + exp 1 / 10). set (ka := (ln 14 - 1) * / ln 2) in *.
  assert (R5 : 3 + ka + al * (c + 1) <= c).
  { assert (A1 : 3 + ka + al <= 9.88 * (1 - al)) by exact num_e.
    assert (A2 : 0 <= 1 - al) by exact num_f.
    assert (A3 : 9.88 * (1 - al) <= c * (1 - al)) by (apply Rmult_le_compat_r; lra). lra. }
  assert (R6 : (3 + ka + al * (c + 1)) * Y <= c * Y) by (apply Rmult_le_compat_r; lra).
  assert (R7 : al * La <= al * ((c + 1) * Y)) by (apply Rmult_le_compat_l; [unfold al; lra|exact R3]).
  unfold al in R6, R7. lra.
Qed.

Lemma without_exponential_large γ c λ β Θ0 Θ : N >= 2 -> 0 < γ -> max_margin γ -> 1 <= q ->
  c >= 6.9 + 2.28 * q * ln (2.21 * q) ->
  λ = pw γ q * pw N (- c) ->
  1 <= β <= 2 -> minimiser λ Θ0 -> loss λ Θ <= β * loss λ Θ0 ->
  0 < norm Θ /\ γ / (10 * pw β (a / r)) <= normalised_margin Θ.
Proof.
  intros HN Hg Hm Hq1 Hc El Hb Min HL. pose proof q_pos as Hq. pose proof (pw_pos γ q Hg) as Pg.
  assert (PN : 0 < N ** c) by (apply pw_pos; lra). rewrite pw_inv in El by lra.
  assert (Hl : 0 < λ) by (rewrite El; apply Rmult_lt_0_compat; [lra|now apply Rinv_0_lt_compat]).
  pose proof l1_R as L1. pose proof ln_l1 as LL. pose proof ln_l1_N as LN. pose proof ln_n_N as LNN.
  pose proof (ln4_N HN) as L4.
  assert (LN2 : ln 2 <= ln N) by (apply ln_mono; lra). pose proof ln2_pos as L2.
  set (z := q * ln (2.21 * q)).
  assert (Z0 : 0 < z).
  { pose proof num_h. assert (ln 2.21 <= ln (2.21 * q)) by (apply ln_mono; lra).
    unfold z. apply Rmult_lt_0_compat; lra. }
  replace (2.28 * q * ln (2.21 * q)) with (2.28 * z) in Hc by (unfold z; ring).
  set (X := ln (pw γ q / λ)).
  assert (EX : X = c * ln N).
  { unfold X. rewrite El. replace (pw γ q / (pw γ q * / pw N c)) with (pw N c)
      by (field; lra). now rewrite ln_pw by lra. }
  assert (ELa : Λ λ γ = X + ln (INR l - 1)).
  { unfold Λ, X. rewrite Rplus_comm, <- ln_mult; [f_equal; field; lra|lra|now apply Rdiv_lt_0_compat]. }
  set (La := Λ λ γ) in *.
  pose proof num_i as N7. assert (X1 : 1 < X) by (rewrite EX; apply Rlt_le_trans with (1 :=
    N7), Rmult_le_compat; lra).
  assert (La1 : 1 < La) by lra. assert (PLa : 0 < La ** q) by (apply pw_pos; lra).
  apply (constant_factor λ γ β Θ0 Θ (1 + pw La q)); try assumption; try lra.
  { destruct (A_2_step5 λ γ Hl Hg) as (M & HM & HV); [fold La; lra|]. fold La in HV.
    destruct (A_2_step1 λ γ M Hl Hm HM) as (Θ' & HT'). pose proof (Min Θ'). lra. }
  fold X.
  (** Step 11 of Theorem 2.2 *)
  assert (PL1 : 1 <= pw La q) by (rewrite <- (pw_1 q); apply pw_le; lra).
  assert (P2 : 2 <= pw 2 q) by (rewrite <- (pw_e1 2) at 1 by lra; rewrite !pw_pos_eq by lra;
    apply Rle_Rpower; lra).
  assert (W2 : 1 + pw La q <= pw (2 * La) q) by (rewrite pw_mult by lra;
    assert (2 * La ** q <= 2 ** q * La ** q) by (apply Rmult_le_compat_r; lra); lra).
  assert (R1 : (1 + La ** q) ** (/ q) <= 2 * La) by (apply pw_root; lra).
  assert (R2 : ln (1 + La ** q) <= ln 2 + q * ln La).
  { rewrite <- ln_pw, <- ln_mult by lra. apply ln_mono; lra. }
  assert (R3 : q * ln La <= La / 6 + q * (ln (6 * q) - 1)).
  { apply Rle_trans with (q * (La / (6 * q) + ln (6 * q) - 1)).
    - apply Rmult_le_compat_l; [lra|]. apply ln_tangent; lra.
    - right. field. lra. }
  (** Step 12 of Theorem 2.2 *)
  assert (R4 : ln (6 * q) - 1 <= ln (2.21 * q)).
  { pose proof (exp_pos 1). apply Rle_trans with (ln (6 * q / exp 1)).
    - right. unfold Rdiv. rewrite (ln_mult (6 * q)), ln_Rinv, ln_exp; try lra. now apply Rinv_0_lt_compat.
    - pose proof num_g. apply ln_mono; [apply Rdiv_lt_0_compat; lra|].
      replace (6 * q / exp 1) with (6 / exp 1 * q) by (field; lra). apply Rmult_le_compat_r; lra. }
  apply Rmult_le_compat_l with (r := q) in R4; [|lra]. fold z in R4.
  assert (R5 : z * / ln 2 * ln 2 <= z * / ln 2 * ln N).
  { apply Rmult_le_compat_l; [|lra]. apply Rmult_le_pos; [lra|left; now apply Rinv_0_lt_compat]. }
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r in R5 by lra.
  assert (R6 : 131 / 30 + z * / ln 2 <= 19 / 30 * c).
  { assert (z * / ln 2 <= z * (19 / 30 * 2.28)) by (apply Rmult_le_compat_l; [lra|exact num_j]). lra. }
  assert (R7 : (131 / 30 + z * / ln 2) * ln N <= 19 / 30 * c * ln N) by (apply Rmult_le_compat_r; lra).
  lra.
Qed.
End WithoutExponential.

Theorem theorem_2_2_I : Theorem_2_2_I.
Proof.
  intros Mo γ c λ β Θ Θ' HN Hg Hm [(Hq & Hc & E)|(Hq & Hc & E)] Hb Min HL.
  - now apply (without_exponential_small γ c λ β Θ Θ').
  - apply (without_exponential_large γ c λ β Θ Θ'); try assumption. lra.
Qed.
