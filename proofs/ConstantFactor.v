(** * Theorem 2.2: a constant factor is enough *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors Scaling NormGrowth
  ApproximateMinimisers.
Import ListNotations.
Open Scope R_scope.

Lemma num_a : 5 * (9 / 8) / exp 1 <= 2.07. Proof. interval with (i_prec 40). Qed.
Lemma num_b : 1 <= 2 / 5 * 3.61 * ln 2. Proof. interval with (i_prec 40). Qed.

Section ConstantFactor.
Context {Mo : model}.
Let one_example : (1 <= n)%nat := n_pos.
Let more_classes : (2 <= l)%nat := two_classes.
Let degree_pos : 0 < a := a_pos.
Let power_pos : 0 < r := r_pos.

(** ** Theorem 2.2: a constant factor is enough *)
Lemma constant_factor λ γ β Θ0 Θ W : 0 < λ -> 0 < γ -> 1 <= β <= 2 -> minimiser λ Θ0 ->
  loss λ Θ <= β * loss λ Θ0 ->
  loss λ Θ0 <= λ * pw γ (- q) * W -> 0 < W ->
  / 10 * pw W (/ q) <= ln (pw γ q / λ) - (ln 4 + ln (INR n)) - ln W ->
  0 < norm Θ /\ γ / (10 * pw β (a / r)) <= normalised_margin Θ.
Proof.
  intros Hl Hg Hb Min HL HU HW H. pose proof n_R as N0. pose proof (pw_pos W (/ q) HW) as PW.
  pose proof (pw_pos γ q Hg).
  assert (E : ln (pw γ q / λ) - (ln 4 + ln (INR n)) - ln W <= ln (pw γ q / (2 * β * INR n * λ)) - ln W).
  { rewrite <- ln_mult by lra. apply Rplus_le_compat_r.
    rewrite <- (Rplus_0_r (ln (pw γ q / (2 * β * INR n * λ)))).
    replace (ln (pw γ q / λ)) with (ln (pw γ q / (2 * β * INR n * λ)) + ln (2 * β * INR n)).
    - assert (ln (2 * β * INR n) <= ln (4 * INR n)) by (apply ln_mono; [nra|apply Rmult_le_compat_r; lra]).
      lra.
    - rewrite <- ln_mult; [f_equal; field; repeat split; lra| |nra]. apply Rdiv_lt_0_compat; [lra|].
      apply Rmult_lt_0_compat; [nra|lra]. }
  destruct (closed_form λ γ β Θ0 Θ W Hl Hg (proj1 Hb) Min HL HU HW) as [HT Q]; [lra|]. split; [exact HT|].
  apply Rle_trans with (2 := Q). replace (a / r) with (/ q) by (unfold q; field; lra).
  assert (PB : 0 < β ** (/ q)) by (apply pw_pos; lra).
  replace (γ / (10 * pw β (/ q))) with (γ / pw β (/ q) * / 10) by (field; lra).
  apply Rmult_le_compat_l; [left; now apply Rdiv_lt_0_compat|].
  apply Rmult_le_reg_r with (pw W (/ q)); [exact PW|]. unfold Rdiv.
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. lra.
Qed.

Lemma ln_l1 : 0 <= ln (INR l - 1). Proof. rewrite <- ln_1. apply ln_mono; [lra|apply l1_R]. Qed.
Lemma ln_l1_N : ln (INR l - 1) <= ln N.
Proof. pose proof l1_R. pose proof n_ge1. apply ln_mono; [lra|]. unfold N.
rewrite <- (Rmult_1_l (l - 1)) at 1. apply Rmult_le_compat_r; lra. Qed.
Lemma ln_n_N : ln (INR n) <= ln N.
Proof. pose proof l1_R. pose proof n_ge1. apply ln_mono; [lra|]. unfold N. rewrite <- (Rmult_1_r n) at 1.
apply Rmult_le_compat_l; lra. Qed.
Lemma ln4_N : N >= 2 -> ln 4 <= 2 * ln N.
Proof. intro H. replace 4 with (2 * 2) by ring. rewrite ln_mult by lra.
assert (ln 2 <= ln N) by (apply ln_mono; lra). lra. Qed.
Lemma pw_root W z : 0 <= z -> W <= pw z q -> 0 < W -> pw W (/ q) <= z.
Proof.
  intros Hz H HW. pose proof q_pos. replace z with (pw (pw z q) (/ q)) by (rewrite pw_pw, Rinv_r, pw_e1; lra).
  apply pw_le; [left; now apply Rinv_0_lt_compat|lra].
Qed.

Lemma printed_λ γ c λ β Θ0 Θ : N >= 2 -> 0 < γ -> max_margin γ -> c >= c0 ->
  λ = exp (- pw (pw 2 q - 1) (- / q)) * (pw γ q / pw N c) ->
  1 <= β <= 2 -> minimiser λ Θ0 -> loss λ Θ <= β * loss λ Θ0 ->
  0 < norm Θ /\ γ / (10 * pw β (a / r)) <= normalised_margin Θ.
Proof.
  intros HN Hg Hm Hc El Hb Min HL. pose proof q_pos as Hq. pose proof (pw_pos γ q Hg) as Pg.
  assert (PN : 0 < N ** c) by (apply pw_pos; lra).
  assert (Hl : 0 < λ) by (rewrite El; apply Rmult_lt_0_compat; [apply exp_pos|now apply Rdiv_lt_0_compat]).
  assert (P2 : 1 < pw 2 q) by (rewrite <- (pw_1 q); apply pw_lt; lra).
  set (k := pw (pw 2 q - 1) (- / q)) in *. assert (K0 : 0 < k) by (apply pw_pos; lra).
  assert (Mx : 0 <= Rmax 0 (ln (2.07 * q))) by apply Rmax_l.
  assert (C8 : 8 <= c) by (unfold c0 in Hc; nra).
  set (X := ln (pw γ q / λ)).
  assert (EX : X = c * ln N + k).
  { unfold X. rewrite El. replace (pw γ q / (exp (- k) * (pw γ q / pw N c))) with (pw N c * exp k).
    - rewrite ln_mult, ln_exp, ln_pw by (try apply exp_pos; lra). reflexivity.
    - rewrite exp_Ropp. pose proof (exp_pos k). field. repeat split; lra. }
  pose proof l1_R as L1. pose proof ln_l1 as LL. pose proof ln_l1_N as LN. pose proof ln_n_N as LNN.
  pose proof (ln4_N HN) as L4.
  assert (LN2 : ln 2 <= ln N) by (apply ln_mono; lra). pose proof ln2_pos as L2.
  assert (ELa : Λ λ γ = X + ln (INR l - 1)).
  { unfold Λ, X. rewrite Rplus_comm, <- ln_mult; [f_equal; field; lra|lra|now apply Rdiv_lt_0_compat]. }
  set (La := Λ λ γ) in *.
  assert (CN : 0 < c * ln N) by (apply Rmult_lt_0_compat; lra).
  assert (La0 : k <= La) by lra.
  (** Step 4 of Theorem 2.2 *)
  assert (W : 1 + pw La q <= pw (2 * La) q).
  { rewrite pw_mult by lra.
    assert (KQ : 1 <= (pw 2 q - 1) * pw La q).
    { apply Rle_trans with ((pw 2 q - 1) * pw k q).
      - right. unfold k. rewrite pw_pw by lra. replace (- / q * q) with (Ropp 1) by (field; lra).
        rewrite pw_inv, pw_e1 by lra. field. lra.
      - apply Rmult_le_compat_l; [lra|]. apply pw_le; lra. }
    lra. }
  assert (PLa : 0 < La ** q) by (apply pw_pos; lra).
  apply (constant_factor λ γ β Θ0 Θ (1 + pw La q)); try assumption; try lra.
  { destruct (A_2_step5 λ γ Hl Hg) as (M & HM & HV); [fold La; lra|]. fold La in HV.
    destruct (A_2_step1 λ γ M Hl Hm HM) as (Θ' & HT'). pose proof (Min Θ'). lra. }
  fold X. assert (R1 : pw (1 + pw La q) (/ q) <= 2 * La) by (apply pw_root; lra).
  assert (R2 : ln (1 + pw La q) <= q * ln (2 * La)).
  { rewrite <- ln_pw by lra. apply ln_mono; lra. }
  (** Step 6 of Theorem 2.2 *)
  assert (XP : 0 < X) by lra. assert (IC : 0 < / c) by (apply Rinv_0_lt_compat; lra).
  assert (NX : ln N <= X * / c).
  { apply Rmult_le_reg_r with c; [lra|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. lra. }
  set (sig := 5 * q * (1 + / c)).
  assert (SP : 0 < sig) by (unfold sig; pos).
  assert (R3 : q * ln (2 * La) <= 2 / 5 * X + q * (ln sig - 1)).
  { apply Rle_trans with (q * (2 * X * (1 + / c) / sig + ln sig - 1)).
    - apply Rmult_le_compat_l; [lra|]. apply Rle_trans with (ln (2 * X * (1 + / c))); [apply ln_mono; lra|].
      apply ln_tangent; [|exact SP]. pos.
    - right. unfold sig. field. split; [|split]; lra. }
  (** Step 7 of Theorem 2.2 *)
  assert (IC8 : / c <= / 8) by (apply Rinv_le_contravar; lra).
  assert (R4 : ln sig - 1 <= Rmax 0 (ln (2.07 * q))).
  { apply Rle_trans with (2 := Rmax_r _ _). apply Rle_trans with (ln (sig / exp 1)).
    - right. unfold Rdiv. rewrite ln_mult, ln_Rinv, ln_exp; try ring; try apply exp_pos;
        [exact SP|apply Rinv_0_lt_compat, exp_pos].
    - pose proof (exp_pos 1). apply ln_mono; [now apply Rdiv_lt_0_compat|]. unfold sig.
      pose proof num_a.
      apply Rle_trans with (5 * q * (9 / 8) / exp 1).
      + apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|]. apply Rmult_le_compat_l; lra.
      + replace (5 * q * (9 / 8) / exp 1) with (5 * (9 / 8) / exp 1 * q) by (field; lra).
        apply Rmult_le_compat_r; lra. }
  apply Rmult_le_compat_l with (r := q) in R4; [|lra].
  pose proof num_b as K2.
  assert (R5 : 16 / 5 * ln N + q * Rmax 0 (ln (2.07 * q)) <= 2 / 5 * (c * ln N)).
  { unfold c0 in Hc. assert (Z : 0 <= q * Rmax 0 (ln (2.07 * q))) by (apply Rmult_le_pos; lra).
    set (z := q * Rmax 0 (ln (2.07 * q))) in *.
    replace (3.61 * q * Rmax 0 (ln (2.07 * q))) with (3.61 * z) in Hc by (unfold z; ring).
    assert ((8 + 3.61 * z) * ln N <= c * ln N) by (apply Rmult_le_compat_r; lra).
    assert (1 * z <= 2 / 5 * 3.61 * ln N * z) by (apply Rmult_le_compat_r; lra). lra. }
  lra.
Qed.
End ConstantFactor.

Theorem theorem_2_2 : Theorem_2_2.
Proof. exact @printed_λ. Qed.
