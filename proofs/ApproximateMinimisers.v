(** * Theorem 2.2-Q: minimisers up to the factor β *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors Scaling NormGrowth
  MaximumMargin.
Import ListNotations.
Open Scope R_scope.

Section ApproximateMinimisers.
Context {Mo : model}.
Let one_example : (1 <= n)%nat := n_pos.
Let more_classes : (2 <= l)%nat := two_classes.
Let degree_pos : 0 < a := a_pos.
Let power_pos : 0 < r := r_pos.

(** ** Theorem 2.2-Q *)
(** Steps 1 and 2 of Theorem 2.2 *)
Lemma general_form λ β Θ0 Θ U : 0 < λ -> 1 <= β -> minimiser λ Θ0 -> loss λ Θ <= β * loss λ Θ0 ->
  loss λ Θ0 <= U -> INR n * β * U < ln 2 ->
  0 < norm Θ /\ - ln (exp (INR n * β * U) - 1) * pw (λ / (β * U)) (a / r) <= normalised_margin Θ.
Proof.
  intros Hl Hb Min HL HU Hn. pose proof n_R as N0. pose proof q_pos as Hq.
  assert (HV : loss λ Θ <= β * U) by (apply Rle_trans with (1 := HL), Rmult_le_compat_l; lra).
  assert (L0 : 0 < loss λ Θ).
  { unfold loss. pose proof (cross_entropy_lower Θ) as Q. pose proof (ln1p_pos _ (exp_pos (- margin Θ))) as P.
    pose proof (Rinv_0_lt_compat _ N0). pose proof (pw_nonneg (norm Θ) r). nra. }
  set (v := β * U) in *. assert (V0 : 0 < v) by lra. rewrite Rmult_assoc in *. fold v in Hn |- *.
  pose proof (cross_entropy_lower Θ) as Lo. pose proof (Rinv_0_lt_compat _ N0) as NI.
  pose proof (pw_nonneg (norm Θ) r) as P0.
  assert (D1 : ln (1 + exp (- margin Θ)) <= INR n * v).
  { apply Rmult_le_reg_l with (/ INR n); [exact NI|].
      rewrite <- Rmult_assoc, Rinv_l, Rmult_1_l by lra. unfold loss in HV. nra. }
  assert (HT : 0 < norm Θ).
  { destruct (norm_nonneg Θ) as [?|E]; [assumption|]. exfalso. rewrite (null_margin Θ) in D1 by easy.
    rewrite Ropp_0, exp_0 in D1. replace (1 + 1) with 2 in D1 by ring. lra. }
  split; [exact HT|]. rewrite (margin_bar Θ HT) in D1, Lo.
  pose proof (exp_pos (- (s Θ * normalised_margin Θ))) as P.
  apply exp_mono in D1. rewrite exp_ln in D1 by lra.
  assert (E1 : 1 < exp (INR n * v)) by (rewrite <- exp_0; apply exp_increasing; nra).
  assert (E2 : exp (INR n * v) < 2) by (rewrite <- (exp_ln 2) by lra; now apply exp_increasing).
  assert (SG : - ln (exp (INR n * v) - 1) <= s Θ * normalised_margin Θ).
  { assert (- (s Θ * normalised_margin Θ) <= ln (exp (INR n * v) - 1)) by (apply exp_le_ln; lra). lra. }
  assert (Pos : 0 < - ln (exp (INR n * v) - 1)).
  { assert (ln (exp (INR n * v) - 1) < ln 1) by (apply ln_increasing; lra). rewrite ln_1 in *. lra. }
  assert (S0 : 0 < s Θ) by now apply pw_pos.
  assert (SV : s Θ <= pw (v / λ) (a / r)).
  { assert (B : λ * pw (s Θ) q <= v).
    { rewrite <- s_r. unfold loss in HV. pose proof (ln1p_pos _ P). nra. }
    replace (s Θ) with (pw (pw (s Θ) q) (a / r)).
    2:{ rewrite pw_pw by lra. replace (q * (a / r)) with 1 by (unfold q; field; lra). apply pw_e1. lra. }
    apply pw_le; [left; now apply Rdiv_lt_0_compat|]. split; [apply pw_nonneg|].
    apply Rmult_le_reg_l with λ; [exact Hl|]. replace (λ * (v / λ)) with v by (field; lra). exact B. }
  assert (Inv : pw (v / λ) (a / r) * pw (λ / v) (a / r) = 1).
  { rewrite <- pw_mult by (left; apply Rdiv_lt_0_compat; lra). replace (v / λ * (λ / v)) with 1
      by (field; lra). apply pw_1. }
  pose proof (pw_pos (λ / v) (a / r) ltac:(apply Rdiv_lt_0_compat; lra)) as PL.
  assert (G0 : 0 < normalised_margin Θ) by (apply Rmult_lt_reg_l with (s Θ); lra).
  apply Rle_trans with (s Θ * normalised_margin Θ * pw (λ / v) (a / r)); [apply Rmult_le_compat_r; lra|].
  apply Rle_trans with (pw (v / λ) (a / r) * normalised_margin Θ * pw (λ / v) (a / r)).
  - apply Rmult_le_compat_r; [lra|]. apply Rmult_le_compat_r; lra.
  - right. rewrite (Rmult_comm (pw (v / λ) (a / r))), Rmult_assoc, Inv. ring.
Qed.

(** Step 3 of Theorem 2.2, for any bound λ γ^(-q) W of the minimum *)
Lemma closed_form λ γ β Θ0 Θ W : 0 < λ -> 0 < γ -> 1 <= β -> minimiser λ Θ0 -> loss λ Θ <= β * loss λ Θ0 ->
  loss λ Θ0 <= λ * pw γ (- q) * W -> 0 < W -> 0 < ln (pw γ q / (2 * β * INR n * λ)) - ln W ->
  0 < norm Θ /\ γ / pw β (/ q) * ((ln (pw γ q / (2 * β * INR n * λ)) - ln W) / pw W (/ q))
    <= normalised_margin Θ.
Proof.
  intros Hl Hg Hb Min HL HU HW Num. pose proof n_R as N0. pose proof q_pos as Hq.
  pose proof (pw_pos γ q Hg) as Pg.
  rewrite pw_inv in HU by exact Hg. set (U := λ * / pw γ q * W) in *.
  pose proof (Rinv_0_lt_compat _ Pg) as IPg.
  assert (U0 : 0 < U) by (unfold U; pos).
  assert (BN : 0 < β * INR n) by (apply Rmult_lt_0_compat; lra).
  set (x := INR n * β * U). assert (X0 : 0 < x) by (unfold x; pos).
  assert (E : ln (pw γ q / (2 * β * INR n * λ)) - ln W = - ln (2 * x)).
  { rewrite <- !ln_Rinv by lra. unfold Rminus. rewrite <- ln_Rinv by lra.
    assert (0 < 2 * β * INR n * λ) by (pos).
    rewrite <- ln_mult; [|apply Rdiv_lt_0_compat; lra|now apply Rinv_0_lt_compat]. f_equal.
    unfold x, U. field. repeat split; lra. }
  rewrite E in Num |- *.
  assert (X1 : 2 * x < 1).
  { apply ln_lt_inv; [lra|lra|]. rewrite ln_1. lra. }
  assert (Hn : INR n * β * U < ln 2) by (fold x; pose proof ln_lt_2; lra).
  destruct (general_form λ β Θ0 Θ U Hl Hb Min HL HU Hn) as [HT Q]. split; [exact HT|]. fold x in Q.
  apply Rle_trans with (2 := Q).
  assert (Pw : pw (λ / (β * U)) (a / r) = γ / pw β (/ q) * / pw W (/ q)).
  { replace (a / r) with (/ q) by (unfold q; field; lra).
    replace (λ / (β * U)) with (pw γ q / (β * W)) by (unfold U; field; repeat split; lra).
    rewrite pw_div by nra. rewrite pw_mult by lra. rewrite pw_pw, Rinv_r, pw_e1 by lra.
    field. split; apply Rgt_not_eq, pw_pos; lra. }
  rewrite Pw. pose proof (exp_minus1_le x ltac:(lra)) as Ex.
  assert (Ex0 : 0 < exp x - 1) by (pose proof (exp_ineq1 x ltac:(lra)); lra).
  pose proof (ln_mono _ _ Ex0 Ex).
  assert (0 < γ / pw β (/ q) * / pw W (/ q)).
  { apply Rmult_lt_0_compat; [apply Rdiv_lt_0_compat;
      [lra|apply pw_pos; lra]|apply Rinv_0_lt_compat, pw_pos, HW]. }
  replace (γ / pw β (/ q) * (- ln (2 * x) / pw W (/ q)))
    with (- ln (2 * x) * (γ / pw β (/ q) * / pw W (/ q))) by (unfold Rdiv; ring).
  apply Rmult_le_compat_r; lra.
Qed.

Lemma closed_bound_holds λ γ β Θ0 Θ : 0 < λ -> 0 < γ -> max_margin γ -> 1 <= β -> minimiser λ Θ0 ->
  loss λ Θ <= β * loss λ Θ0 -> 0 <= Λ λ γ ->
  0 < ln (pw γ q / (2 * β * INR n * λ)) - ln (1 + pw (Λ λ γ) q) ->
  0 < norm Θ /\
  γ / pw β (/ q) * ((ln (pw γ q / (2 * β * INR n * λ)) - ln (1 + pw (Λ λ γ) q)) / pw (1
    + pw (Λ λ γ) q) (/ q)) <= normalised_margin Θ.
Proof.
  intros Hl Hg Hm Hb Min HL HLa Num. pose proof (pw_nonneg (Λ λ γ) q).
  apply (closed_form λ γ β Θ0 Θ); try assumption; try lra.
  destruct (A_2_step5 λ γ Hl Hg HLa) as (M & HM & HV). destruct (A_2_step1 λ γ M Hl Hm HM) as (Θ' & HT').
  pose proof (Min Θ'). lra.
Qed.

(** The right side of 2.2-Q tends to γ / β^(1/q). *)
Lemma pw_vanishes : is_lim (fun x => pw x (- q)) p_infty 0.
Proof.
  pose proof q_pos as Hq. apply is_lim_spec. intros [ε He]. simpl. exists (Rmax 0 (pw (/ ε) (/ q))).
  intros x Hx.
  pose proof (Rmax_l 0 (pw (/ ε) (/ q))). pose proof (Rmax_r 0 (pw (/ ε) (/ q))).
  rewrite Rminus_0_r, Rabs_pos_eq by apply pw_nonneg. rewrite pw_inv by lra.
  assert (IE : 0 < / ε) by now apply Rinv_0_lt_compat.
  assert (/ ε < pw x q).
  { apply Rle_lt_trans with (pw (pw (/ ε) (/ q)) q).
    - right. rewrite pw_pw, Rinv_l, pw_e1; lra.
    - apply pw_lt; [exact Hq|]. split; [apply pw_nonneg|lra]. }
  rewrite <- (Rinv_inv ε). apply Rinv_lt_contravar; [apply Rmult_lt_0_compat; lra|assumption].
Qed.
Lemma is_lim_mult_R (u w : R -> R) (lu lw : R) : is_lim u p_infty lu -> is_lim w p_infty lw ->
  is_lim (fun x => u x * w x) p_infty (lu * lw).
Proof. intros Hu Hw. apply (is_lim_mult u w p_infty lu lw Hu Hw). exact I. Qed.
Lemma ratio_limit k : is_lim (fun x => (x - k - ln (1 + pw x q)) / pw (1 + pw x q) (/ q)) p_infty 1.
Proof.
  pose proof q_pos as Hq.
  apply is_lim_ext_loc with (fun x => (1 - (k * / x + (q * (ln x / x) + ln (1 + pw x (- q)) * / x)))
    * exp (- (/ q * ln (1 + pw x (- q))))).
  { exists 0. intros x Hx. pose proof (pw_pos x q Hx) as P. pose proof (pw_pos x (- q) Hx) as Pi.
    assert (E : 1 + pw x q = pw x q * (1 + pw x (- q))) by (rewrite pw_inv by exact Hx; field; lra).
    rewrite E. rewrite ln_mult, ln_pw by lra. rewrite pw_mult by lra. rewrite pw_pw, Rinv_r, pw_e1 by lra.
    rewrite (pw_pos_eq (1 + pw x (- q))) by lra. unfold Rpower.
    pose proof (exp_pos (/ q * ln (1 + pw x (- q)))). rewrite exp_Ropp. field. lra. }
  assert (Lx : is_lim (fun x => / x) p_infty 0).
  { replace (Finite 0) with (Rbar_inv p_infty) by reflexivity. apply is_lim_inv;
      [apply is_lim_id|discriminate]. }
  assert (L1 : is_lim (fun x => ln (1 + pw x (- q))) p_infty 0).
  { replace 0 with (ln (1 + 0)) by (rewrite Rplus_0_r;
      apply ln_1). apply (is_lim_comp_continuous (fun x => pw x (- q)) (fun t => ln (1 + t)) p_infty 0);
      [exact pw_vanishes|].
    apply continuity_pt_filterlim. apply (continuity_pt_comp (fun t => 1 + t) ln).
    - apply continuity_pt_plus; [apply continuity_pt_const; intros ? ?; reflexivity|apply continuity_pt_id].
    - apply derivable_continuous_pt. exists (/ (1 + 0)). apply derivable_pt_lim_ln. lra. }
  replace (Finite 1) with (Finite ((1 - (k * 0 + (q * 0 + 0 * 0))) * exp (- (/ q * 0)))).
  2:{ f_equal. rewrite !Rmult_0_r, Ropp_0, exp_0. ring. }
  apply is_lim_mult_R.
  - apply is_lim_minus'; [apply is_lim_const|]. apply is_lim_plus'; [now apply (is_lim_scal_l _ k _ 0)|].
    apply is_lim_plus'; [apply (is_lim_scal_l _ q _ 0); exact is_lim_div_ln_p|now apply is_lim_mult_R].
  - apply (is_lim_comp_continuous (fun x => - (/ q * ln (1 + pw x (- q)))) exp p_infty (- (/ q * 0))).
    { apply (is_lim_opp _ _ (/ q * 0)). now apply (is_lim_scal_l _ (/ q) _ 0). }
    apply continuity_pt_filterlim, derivable_continuous_pt, derivable_pt_exp.
Qed.
Lemma Λ_diverges γ : 0 < γ -> filterlim (fun λ => Λ λ γ) (at_right 0) (Rbar_locally p_infty).
Proof.
  intros Hg P [B HB]. pose proof l1_R as L1. pose proof (pw_pos γ q Hg) as Pg.
  pose proof (exp_pos (B + 1)) as PB.
  assert (A : 0 < (INR l - 1) * pw γ q) by (apply Rmult_lt_0_compat; lra).
  assert (D : 0 < (INR l - 1) * pw γ q / exp (B + 1)) by now apply Rdiv_lt_0_compat.
  exists (mkposreal _ D). intros λ Hb Hpos. apply HB.
  unfold ball in Hb; simpl in Hb; unfold AbsRing_ball, abs, minus, plus, opp in Hb; simpl in Hb.
  rewrite Ropp_0, Rplus_0_r, Rabs_pos_eq in Hb by lra.
  unfold Λ. apply Rlt_le_trans with (B + 1); [lra|]. apply exp_le_ln; [now apply Rdiv_lt_0_compat|].
  apply Rmult_le_reg_r with λ; [exact Hpos|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  apply Rmult_lt_compat_r with (r := exp (B + 1)) in Hb; [|exact PB]. unfold Rdiv in Hb.
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r in Hb by lra. lra.
Qed.
Lemma closed_bound_limit γ β : 0 < γ -> 1 <= β ->
  filterlim (fun λ => γ / pw β (/ q) * ((ln (pw γ q / (2 * β * INR n * λ)) - ln (1 + pw (Λ λ γ) q)) / pw (1
    + pw (Λ λ γ) q) (/ q)))
    (at_right 0) (locally (γ / pw β (/ q))).
Proof.
  intros Hg Hb. pose proof n_R as N0. pose proof l1_R as L1. pose proof (pw_pos γ q Hg) as Pg.
  pose proof (ratio_limit (ln (2 * β * INR n * (INR l - 1)))) as R.
  pose proof (filterlim_comp _ _ _ _ _ _ _ _ (Λ_diverges γ Hg) R) as C. cbv beta in C.
  assert (BN : 0 < 2 * β * INR n) by (repeat apply Rmult_lt_0_compat; lra).
  apply filterlim_ext_loc with (fun λ => γ / pw β (/ q)
    * ((Λ λ γ - ln (2 * β * INR n * (INR l - 1)) - ln (1 + pw (Λ λ γ) q)) / pw (1 + pw (Λ λ γ) q) (/ q))).
  - exists (mkposreal 1 Rlt_0_1). intros λ _ Hpos. do 4 f_equal. unfold Λ.
    assert (0 < 2 * β * INR n * (INR l - 1)) by (apply Rmult_lt_0_compat; lra).
    unfold Rminus. rewrite <- ln_Rinv by assumption. rewrite <- ln_mult.
    + f_equal. field. repeat split; lra.
    + apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat|]; lra.
    + now apply Rinv_0_lt_compat.
  - assert (K : filterlim (fun t => γ / pw β (/ q) * t) (locally 1) (locally (γ / pw β (/ q) * 1))).
    { apply continuity_pt_filterlim. apply continuity_pt_scal, continuity_pt_id. }
    rewrite Rmult_1_r in K. exact (filterlim_comp _ _ _ _ (fun t => γ / pw β (/ q) * t) _ _ _ C K).
Qed.
End ApproximateMinimisers.

Lemma closed_bound_tends (Mo : model) γ β ε : 0 < γ -> 1 <= β -> 0 < ε ->
  for_small_λ (fun λ => Rabs (closed_bound λ γ β - γ / β ** (/ q)) < ε).
Proof.
  intros Hg Hb He. destruct (closed_bound_limit γ β Hg Hb (fun v => Rabs (v - γ / β ** (/ q)) < ε)) as [d H].
  { exists (mkposreal ε He). intros v Hv. exact Hv. }
  exists d. split; [apply cond_pos|]. intros λ [Hl Hd]. apply (H λ); [|exact Hl].
  change (Rabs (λ + - 0) < d). rewrite Ropp_0, Rplus_0_r, Rabs_pos_eq; lra.
Qed.
Lemma Λ_grows (Mo : model) γ : 0 < γ -> for_small_λ (fun λ => 0 < Λ λ γ).
Proof.
  intro Hg. destruct (Λ_diverges γ Hg (fun v => 0 < v)) as [d H]; [exists 0; tauto|].
  exists d. split; [apply cond_pos|]. intros λ [Hl Hd]. apply (H λ); [|exact Hl].
  change (Rabs (λ + - 0) < d). rewrite Ropp_0, Rplus_0_r, Rabs_pos_eq; lra.
Qed.
Lemma any_constant (Mo : model) γ β κ : 0 < γ -> max_margin γ -> 1 <= β -> κ < 1 ->
  for_small_λ (fun λ => forall Θ Θ', minimiser λ Θ -> loss λ Θ' <= β * loss λ Θ ->
    0 < norm Θ' /\ κ * (γ / β ** (/ q)) <= normalised_margin Θ').
Proof.
  intros Hg Hm Hb Hk. set (B := γ / β ** (/ q)). pose proof (pw_pos β (/ q) ltac:(lra)) as PB.
  assert (B0 : 0 < B) by now apply Rdiv_lt_0_compat.
  set (k := Rmax κ (/ 2)). assert (K : k < 1) by (unfold k; apply Rmax_lub_lt; lra).
  pose proof (Rmax_r κ (/ 2)) as K2. pose proof (Rmax_l κ (/ 2)) as K3. fold k in K2, K3.
  destruct (closed_bound_tends Mo γ β (B - k * B) Hg Hb ltac:(nra)) as (d1 & D1 & H1).
  destruct (Λ_grows Mo γ Hg) as (d2 & D2 & H2).
  exists (Rmin d1 d2). split; [now apply Rmin_glb_lt|]. intros λ [Hl0 Hl] Θ Θ' Min HL.
  pose proof (Rmin_l d1 d2). pose proof (Rmin_r d1 d2).
  specialize (H1 λ ltac:(lra)). specialize (H2 λ ltac:(lra)). fold B in H1. apply Rabs_lt_between in H1.
  set (num := ln (γ ** q / (2 * β * n * λ)) - ln (1 + Λ λ γ ** q)).
  assert (Num : 0 < num).
  { apply Rnot_le_lt. intro Le. pose proof (pw_nonneg (Λ λ γ) q).
    assert (P : 0 < (1 + Λ λ γ ** q) ** (/ q)) by (apply pw_pos; lra). pose proof (Rinv_0_lt_compat _ P).
    assert (num / (1 + Λ λ γ ** q) ** (/ q) <= 0) by (unfold Rdiv; nra).
    unfold closed_bound in H1. fold B num in H1. nra. }
  destruct (closed_bound_holds λ γ β Θ Θ' Hl0 Hg Hm Hb Min HL ltac:(lra) Num) as [HT Q]. split; [exact HT|].
  fold (closed_bound λ γ β) in Q. apply Rle_trans with (k * B); [nra|lra].
Qed.

Theorem theorem_2_2_Q : Theorem_2_2_Q.
Proof.
  intro Mo. split; [|split; [|split]].
  - exact general_form.
  - exact closed_bound_holds.
  - exact (closed_bound_tends Mo).
  - exact (any_constant Mo).
Qed.
