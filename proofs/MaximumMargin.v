(** * Theorems 2.1 and 2.1-Q: the minimiser finds the maximum margin *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors Scaling NormGrowth.
Import ListNotations.
Open Scope R_scope.

Section MaximumMargin.
Context {Mo : model}.
Let one_example : (1 <= n)%nat := n_pos.
Let more_classes : (2 <= l)%nat := two_classes.
Let degree_pos : 0 < a := a_pos.
Let power_pos : 0 < r := r_pos.

(* (1+e)^m - 1 = e (1 + (1+e) + ... + (1+e)^(m-1)) *)
Lemma geometric e m : (1 + e) ^ m - 1 = e * sum m (fun k => (1 + e) ^ k).
Proof. induction m as [|m IH]; simpl; [ring|]. rewrite Rmult_plus_distr_l, <- IH. ring. Qed.
Definition G γ t := (INR l - 1) * sum n (fun k => (1 + (INR l - 1) * exp (- (t * γ))) ^ k).
Lemma h_G γ t : h γ t = / t * ln (G γ t).
Proof.
  unfold h, G. do 2 f_equal. rewrite geometric. rewrite exp_Ropp. pose proof (exp_pos (t * γ)). field. lra.
Qed.
Lemma pow_mono x z k : 1 <= x <= z -> 1 <= x ^ k <= z ^ k.
Proof. intro H. split; [apply pow_R1_Rle; lra|apply pow_incr; lra]. Qed.
Lemma G_ge γ t : INR n * (INR l - 1) <= G γ t.
Proof.
  unfold G. pose proof l_R. rewrite Rmult_comm. apply Rmult_le_compat_l; [lra|].
  rewrite <- (Rmult_1_r (INR n)).
  rewrite <- sum_const. apply sum_le. intros k _. pose proof (exp_pos (- (t * γ))). apply pow_R1_Rle. nra.
Qed.
Lemma nl_ge1 : 1 <= INR n * (INR l - 1). Proof. pose proof n_ge1. pose proof l_R. nra. Qed.
Lemma G_antitone γ t u : 0 <= γ -> t <= u -> G γ u <= G γ t.
Proof.
  intros Hg H. unfold G. pose proof l_R. apply Rmult_le_compat_l; [lra|]. apply sum_le. intros k _.
  pose proof (exp_pos (- (u * γ))). assert (exp (- (u * γ)) <= exp (- (t * γ))) by (apply exp_mono; nra).
  apply (pow_mono (1 + (INR l - 1) * exp (- (u * γ))) (1 + (INR l - 1) * exp (- (t * γ)))). nra.
Qed.
(** Step 5 of Theorem 2.1 *)
Lemma h_antitone γ t u : 0 <= γ -> 0 < t -> t <= u -> h γ u <= h γ t.
Proof.
  intros Hg Ht H. rewrite !h_G. pose proof (G_ge γ u). pose proof nl_ge1. pose proof (G_antitone γ t u Hg H).
  assert (0 <= ln (G γ u)) by (rewrite <- ln_1; apply ln_mono; lra).
  assert (ln (G γ u) <= ln (G γ t)) by (apply ln_mono; lra).
  assert (/ u <= / t) by (apply Rinv_le_contravar; lra). pose proof (Rinv_0_lt_compat u ltac:(lra)).
  apply Rmult_le_compat; lra.
Qed.
(** Step 4 of Theorem 2.1 *)
Lemma h_simple γ t : 0 < t ->
  h γ t <= (ln (INR n * (INR l - 1)) + (INR n - 1) * ((INR l - 1) * exp (- (t * γ)))) / t.
Proof.
  intro Ht. rewrite h_G. unfold Rdiv. rewrite Rmult_comm.
  apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|].
  set (e := (INR l - 1) * exp (- (t * γ))). pose proof l_R as Hl. pose proof n_ge1 as Hn.
  pose proof (exp_pos (- (t * γ))).
  assert (He : 0 < e) by (unfold e; nra). pose proof nl_ge1.
  assert (U : G γ t <= INR n * (INR l - 1) * exp ((INR n - 1) * e)).
  { unfold G. fold e. rewrite (Rmult_comm (INR n)), Rmult_assoc. apply Rmult_le_compat_l; [lra|].
     rewrite <- sum_const. apply sum_le.
    intros k Hk. apply Rle_trans with (exp e ^ k).
    - apply pow_incr. pose proof (exp_ge1 e). lra.
    - rewrite <- exp_pow. apply exp_mono. apply Rmult_le_compat_r; [lra|].
      rewrite <- (Rplus_0_r (INR k)). apply Rplus_le_reg_r with 1. ring_simplify.
      replace (INR n - 1 + 1) with (INR n) by ring.
      rewrite <- S_INR. apply le_INR. lia. }
  pose proof (G_ge γ t). apply ln_mono in U; [|lra].
  rewrite ln_mult, ln_exp in U by (try apply exp_pos; lra). exact U.
Qed.

(* comparison with the best direction at the same norm: (A.4) *)
Lemma eq_A_4 λ γ Θ : 0 < λ -> max_margin γ ->
  exists Θ', loss λ Θ' <= ln (1 + (INR l - 1) * exp (- (s Θ * γ))) + λ * pw (norm Θ) r.
Proof. intros Hl Hm. exact (A_2_step1 λ γ (norm Θ) Hl Hm (norm_nonneg Θ)). Qed.
Lemma eq_A_5 λ Θ : 0 < norm Θ -> / INR n * ln (1 + exp (- (s Θ * normalised_margin Θ))) + λ * pw (norm Θ) r
  <= loss λ Θ.
Proof. intro H. rewrite <- margin_bar by exact H. unfold loss.
apply Rplus_le_compat_r, cross_entropy_lower. Qed.

(* an approximate minimiser: loss(Θ') <= β loss(minimiser) *)
Lemma star_beta λ γ β Θ0 Θ : 0 < λ -> 1 <= β -> max_margin γ -> minimiser λ Θ0 -> 0 < norm Θ ->
  loss λ Θ <= β * loss λ Θ0 ->
  exp (- (s Θ * normalised_margin Θ)) <= exp (INR n * (β * ln (1 + (INR l - 1) * exp (- (s Θ * γ)))
    + (β - 1) * λ * pw (s Θ) q)) - 1.
Proof.
  intros Hl Hb Hm Min HT HL. destruct (eq_A_4 λ γ Θ Hl Hm) as (Θ' & HT'). pose proof (Min Θ') as H0.
  pose proof (eq_A_5 λ Θ HT) as Lo. rewrite s_r in *.
  set (A := ln (1 + (INR l - 1) * exp (- (s Θ * γ)))) in *.
  pose proof n_R as N0. assert (H1 : loss λ Θ0 <= A + λ * pw (s Θ) q) by lra.
  apply Rmult_le_compat_l with (r := β) in H1; [|lra].
  assert (H2 : / INR n * ln (1 + exp (- (s Θ * normalised_margin Θ))) <= β * A + (β - 1) * λ * pw (s Θ) q)
    by lra.
  apply Rmult_le_compat_l with (r := INR n) in H2; [|lra].
  rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l in H2 by lra.
  apply exp_mono in H2. pose proof (exp_pos (- (s Θ * normalised_margin Θ))). rewrite exp_ln in H2 by lra.
  lra.
Qed.

(** Step 3 of Theorem 2.1 *)
Lemma deficit_le_h λ γ Θ : 0 < λ -> max_margin γ -> minimiser λ Θ -> 0 < norm Θ ->
  γ - normalised_margin Θ <= h γ (s Θ).
Proof.
  intros Hl Hm Min HT. pose proof (star_beta λ γ 1 Θ Θ Hl ltac:(lra) Hm Min HT ltac:(lra)) as Q.
  assert (S0 : 0 < s Θ) by now apply pw_pos. pose proof l_R. pose proof (exp_pos (- (s Θ * γ))) as P.
  assert (He : 0 < (INR l - 1) * exp (- (s Θ * γ))) by nra.
  replace (INR n * (1 * ln (1 + (INR l - 1) * exp (- (s Θ * γ))) + (1 - 1) * λ * pw (s Θ) q))
    with (INR n * ln (1 + (INR l - 1) * exp (- (s Θ * γ)))) in Q by ring.
  rewrite <- ln_pow, exp_ln in Q by (try apply pow_lt; lra).
  set (E := (1 + (INR l - 1) * exp (- (s Θ * γ))) ^ n - 1) in *.
  pose proof (exp_pos (- (s Θ * normalised_margin Θ))). assert (0 < E) by lra.
  apply exp_le_ln in Q; [|lra]. unfold h. fold E. pose proof (exp_pos (s Θ * γ)).
  rewrite ln_mult, ln_exp by lra.
  apply Rmult_le_reg_l with (s Θ); [exact S0|]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra. lra.
Qed.

Lemma thm_2_1_Q_lambda λ γ U Θ : 0 < λ -> 0 < γ -> max_margin γ -> minimiser λ Θ -> is_U λ γ U ->
  INR n * U < ln 2 ->
  γ - normalised_margin Θ <= h γ (s0 γ U).
Proof.
  intros Hl Hg Hm Min HU Hn. destruct (lem_A_2_Q λ γ U Θ Hl Hg Hm HU Min) as (_ & _ & S0 & _).
  specialize (S0 Hn).
  assert (U0 : 0 < U) by (destruct HU as [(M & _ & <-) _]; now apply V_pos). pose proof n_R.
  assert (P1 : 1 < exp (INR n * U)) by (rewrite <- exp_0; apply exp_increasing; nra).
  assert (P2 : exp (INR n * U) < 2) by (rewrite <- (exp_ln 2) by lra; now apply exp_increasing).
    assert (0 < s0 γ U).
  { unfold s0. apply Rmult_lt_0_compat; [now apply Rinv_0_lt_compat|]. rewrite ln_Rinv by lra.
    assert (ln (exp (INR n * U) - 1) < ln 1) by (apply ln_increasing; lra). rewrite ln_1 in *. lra. }
  assert (HT : 0 < norm Θ).
  { destruct (norm_nonneg Θ) as [?|E]; [assumption|]. rewrite (s_null Θ) in S0 by easy. lra. }
  apply Rle_trans with (h γ (s Θ)); [now apply (deficit_le_h λ)|]. apply h_antitone; lra.
Qed.
End MaximumMargin.

Theorem theorem_2_1_Q : Theorem_2_1_Q.
Proof.
  intros Mo γ Hm. repeat split.
  - pose proof (gamma_le Θ γ Hm H1). lra.
  - now apply (deficit_le_h λ).
  - rewrite Rmult_assoc. apply h_simple. now apply pw_pos.
  - intros t u [Ht Hu]. apply h_antitone; [now apply (max_margin_nonneg γ)|exact Ht|exact Hu].
  - intros λ U Θ Hl Hg Min HU Hn. now apply (thm_2_1_Q_lambda λ).
  - intros λ β Θ Θ' Hl Hb Min HT HL. now apply (star_beta λ γ β Θ Θ').
Qed.

Theorem theorem_2_1 : Theorem_2_1.
Proof.
  intros Mo γ Hg Hm ε He.
  set (A := ln (n * (l - 1)) + (n - 1) * (l - 1)).
  pose proof nl_ge1 as Hnl. pose proof n_ge1 as Hn. pose proof l_R as Hlr.
  assert (HA : 0 <= A).
  { unfold A. assert (0 <= ln (n * (l - 1))) by (rewrite <- ln_1; apply ln_mono; lra). nra. }
  destruct (A_2_eps γ (A / ε + 1) Hg Hm) as (λ0 & Hl0 & H).
  exists λ0. split; [exact Hl0|]. intros λ Hl Θ Min. specialize (H λ Θ Hl Min).
  assert (0 <= A / ε) by (apply Rdiv_le_0_compat; lra).
  assert (HT : 0 < norm Θ).
  { destruct (norm_nonneg Θ) as [?|E]; [assumption|]. rewrite (s_null Θ) in H by easy. lra. }
  destruct (proj1 (theorem_2_1_Q Mo γ Hm) λ Θ (proj1 Hl) Min HT) as (D0 & D1 & D2).
  set (t := s Θ) in *.
  assert (exp (- (t * γ)) <= 1) by (rewrite <- exp_0; apply exp_mono; nra).
  assert (D3 : (ln (n * (l - 1)) + (n - 1) * (l - 1) * exp (- (t * γ))) / t <= A / t).
  { apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|].
    unfold A. apply Rplus_le_compat_l. rewrite <- (Rmult_1_r ((n - 1) * (l - 1))) at 2.
    apply Rmult_le_compat_l; [nra|assumption]. }
  assert (A / t < ε).
  { apply Rmult_lt_reg_r with t; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    assert (B : ε * (A / ε + 1) < ε * t) by (apply Rmult_lt_compat_l; lra).
    replace (ε * (A / ε + 1)) with (A + ε) in B by (field; lra). lra. }
  rewrite Rabs_left1; lra.
Qed.
