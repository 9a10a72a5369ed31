(** * The twins of Section 2 are false *)
From Coq Require Import Reals Lra Lia List Psatz.
From Interval Require Import Tactic.
From MarginTheory Require Import Vocabulary Statements Twins Sums Elementary Vectors Scaling Existence
  NormGrowth.
From MarginTheory Require Import OneParameter.
Import ListNotations.
Open Scope R_scope.

(** The logistic loss of one example decreases for ever. *)
Theorem twin_A_1 : ~ Twin_A_1.
Proof.
  intro H. destruct (H (rays2 1 (-1)) 0 ltac:(lra)) as (Θ & Min).
  specialize (Min (point (Rabs (Θ O) + 1))). rewrite !loss2, !Rmult_0_l, !Rplus_0_r in Min.
  set (t := Θ O) in *. pose proof (Rabs_pos t). pose proof (Rle_abs t).
  change (point (Rabs t + 1) O) with (Rabs t + 1) in Min.
  rewrite (side_pos 1 (-1) (Rabs t + 1)) in Min by lra.
  assert (E : side 1 (-1) t = t) by (unfold side; field). rewrite E in Min.
  apply (Rlt_irrefl (ln (1 + exp (- t)))). apply Rle_lt_trans with (1 := Min).
  pose proof (exp_pos (- (1 * (Rabs t + 1)))). apply ln_increasing; [lra|].
  apply Rplus_lt_compat_l, exp_increasing. lra.
Qed.

(** At Θ = 0 with one example (A.2) and (A.3) are equalities for two classes. *)
Lemma zero_times c : (c · point 0) O = 0.
Proof. unfold scaled, point. ring. Qed.
Theorem twin_eq_A_2 : ~ Twin_eq_A_2.
Proof.
  intro H. specialize (H (rays2 1 1) 1 0 (point 0) ltac:(lra) ltac:(lra)).
  rewrite loss2, zero_times, side_at_0, Rabs_R0, !pw_0, Ropp_0, exp_0, Rmult_0_l, Ropp_0, exp_0 in H.
  cbn [l rays2 rays] in H. change (INR 2) with (1 + 1) in H.
  assert (ln (1 + 0.98 * (1 + 1 - 1) * 1) < ln (1 + 1)) by (apply ln_increasing; lra). lra.
Qed.
Theorem twin_eq_A_2_one_rival : ~ Twin_eq_A_2_one_rival.
Proof.
  intro H. specialize (H (rays3 1 1 1 1) 1 0 (point 0) ltac:(lra) ltac:(lra)).
  rewrite loss3, zero_times, !side_at_0, Rabs_R0, !pw_0, Ropp_0, exp_0, Rmult_0_l, Ropp_0, exp_0 in H.
  assert (ln (1 + 1) < ln (1 + (1 + 1))) by (apply ln_increasing; lra). lra.
Qed.
Theorem twin_eq_A_3 : ~ Twin_eq_A_3.
Proof.
  intro H. specialize (H (rays2 1 1) 1 0 (point 0) ltac:(lra) ltac:(lra)).
  rewrite loss2, zero_times, side_at_0, Rabs_R0, !pw_0, Ropp_0, exp_0, Rmult_0_l, Ropp_0, exp_0 in H.
  cbn [n rays2 rays] in H. change (INR 1) with 1 in H.
  assert (0 < ln (1 + 1)) by (apply ln1p_pos; lra). lra.
Qed.

(** All scores zero: the zero parameter is the minimiser for every λ. *)
Theorem twin_A_2 : ~ Twin_A_2.
Proof.
  intro H. destruct (H (rays2 0 0) 0) with (B := 1) as (λ0 & Hl0 & A).
  - split; [exists (point 0); split|].
    + cbn. unfold absolute, point. rewrite Rabs_R0. lra.
    + now rewrite margin2, side_zero.
    + intros Θ _. rewrite margin2, side_zero. lra.
  - specialize (A (λ0 / 2) ltac:(lra) (point 0)). cbn [norm rays2 rays] in A. unfold absolute, point in A.
    rewrite Rabs_R0 in A. assert (1 < 0); [|lra]. apply A. intro Θ. rewrite !loss2, !side_zero.
    unfold point. rewrite Rabs_R0. pose proof (Rabs_pos (Θ O)). nra.
Qed.

(** One example, two classes, margin t, λ = e^-500: s0 is 493 and more, s at most 501. *)
Lemma max_margin_ray u w : 0 <= u -> w <= u -> @max_margin (rays2 u w) u.
Proof.
  intros Hu Hw. split.
  - exists (point 1). split; [cbn; unfold absolute, point; rewrite Rabs_R1; lra|].
    rewrite margin2. unfold point. rewrite side_pos; lra.
  - intros Θ HΘ. rewrite margin2. cbn in HΘ. unfold absolute in HΘ. set (t := Θ O) in *.
    pose proof (Rabs_pos t). pose proof (Rle_abs t). pose proof (Rle_abs (- t)) as B. rewrite Rabs_Ropp in B.
    unfold side. nra.
Qed.
Theorem twin_A_2_Q : ~ Twin_A_2_Q.
Proof.
  intro H. set (Mo := rays2 1 (-1)). set (λ := exp (-500)). assert (Hl : 0 < λ) by apply exp_pos.
  pose proof (max_margin_ray 1 (-1) ltac:(lra) ltac:(lra)) as Hm. fold Mo in Hm.
  destruct (claim_A_1 Mo) as (Ex & _ & ExU). destruct (Ex λ Hl) as [(Θ & Min) _].
  destruct (ExU λ 1 Hl ltac:(lra)) as (U & HU).
  destruct (lemma_A_2_Q Mo λ 1 U Θ Hl ltac:(lra) Hm HU Min) as (_ & Up & _ & Cl).
  assert (EΛ : Λ λ 1 = 500).
  { unfold Λ. rewrite pw_1. cbn [l Mo rays2 rays]. change (INR 2) with (1 + 1).
    replace ((1 + 1 - 1) * 1 / λ) with (/ λ) by (field; lra). unfold λ.
    rewrite ln_Rinv, ln_exp by apply exp_pos. ring. }
  assert (Eq : q = 1) by (unfold q; cbn; field).
  rewrite EΛ, Eq, !pw_e1, pw_1, Rinv_1 in * by lra. specialize (Cl ltac:(lra)).
  assert (U0 : 0 < U) by (destruct HU as [(c & _ & <-) _]; now apply V_pos).
  assert (Sm : 2 * λ * 501 < / 2) by (unfold λ; interval with (i_prec 40)).
  assert (En : INR n = 1) by reflexivity.
  assert (L2 : / 2 < ln 2) by interval with (i_prec 40).
  specialize (H Mo λ 1 U Θ Hl ltac:(lra) Hm HU Min ltac:(rewrite En; lra)).
  rewrite pw_e1 in Up by (apply Rlt_le, Rdiv_lt_0_compat; lra).
  assert (S1 : s Θ <= 501).
  { apply Rle_trans with (1 := Up). apply Rmult_le_reg_r with λ; [exact Hl|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  assert (S2 : 492 <= s0 1 U).
  { unfold s0. rewrite En, Rinv_1, !Rmult_1_l. pose proof (exp_minus1_le U ltac:(lra)) as Ex1.
    assert (P : 0 < exp U - 1) by (pose proof (exp_ineq1 U ltac:(lra)); lra).
    rewrite ln_Rinv by exact P. assert (ln (exp U - 1) <= ln (1002 * λ)) by (apply ln_mono; lra).
    assert (ln (1002 * λ) <= - 492); [|lra]. rewrite ln_mult by lra. unfold λ. rewrite ln_exp.
    assert (ln 1002 <= 8) by interval with (i_prec 40). lra. }
  lra.
Qed.

(** Margin 1 for t > 0 and 1/1.02 for t < 0: if t is the best of the first ray, -1.02 t costs 2 % more. *)
Theorem twin_2_1 : ~ Twin_2_1.
Proof.
  intro H. set (w := / 1.02). assert (Hw : 0.98 <= w <= 0.981)
    by (unfold w; split; interval with (i_prec 40)).
  set (Mo := rays2 1 w). pose proof (max_margin_ray 1 w ltac:(lra) ltac:(lra)) as Hm. fold Mo in Hm.
  destruct (H Mo 1 ltac:(lra) Hm 0.01 ltac:(lra)) as (λ0 & Hl0 & A).
  set (λ := Rmin (λ0 / 2) (/ 4)). assert (Hl : 0 < λ < λ0 /\ λ <= / 4).
  { unfold λ. pose proof (Rmin_l (λ0 / 2) (/ 4)). pose proof (Rmin_r (λ0 / 2) (/ 4)).
    assert (0 < Rmin (λ0 / 2) (/ 4)) by (apply Rmin_glb_lt; lra). lra. }
  destruct (proj1 (claim_A_1 Mo) λ ltac:(lra)) as [(Θ & Min) _]. set (t := Rabs (Θ O)).
  assert (t0 : 0 <= t) by apply Rabs_pos.
  assert (Lp : forall v, 0 <= v -> loss λ (point v) = ln (1 + exp (- v)) + λ * v).
  { intros v Hv. unfold Mo. rewrite loss2. unfold point. rewrite !side_pos, !Rmult_1_l, Rabs_pos_eq
      by exact Hv.
    reflexivity. }
  assert (Ln : forall v, 0 <= v -> loss λ (point (- v)) = ln (1 + exp (- (w * v))) + λ * v).
  { intros v Hv. unfold Mo. rewrite loss2. unfold point.
    rewrite side_neg, Ropp_involutive, Rabs_Ropp, Rabs_pos_eq by lra. reflexivity. }
  (* the positive ray is the better one *)
  assert (Lt : loss λ (point t) <= loss λ Θ).
  { rewrite Lp by exact t0. unfold Mo. rewrite loss2. fold t. apply Rplus_le_compat_r. unfold t.
    destruct (Rle_or_lt 0 (Θ O)) as [P|Ng].
    - rewrite Rabs_pos_eq, side_pos by exact P. rewrite Rmult_1_l. lra.
    - rewrite Rabs_left, side_neg by lra. pose proof (exp_pos (- - Θ O)).
      apply ln_mono; [lra|]. apply Rplus_le_compat_l, exp_mono. nra. }
  assert (Pos : 0 < t).
  { destruct t0 as [|Z]; [assumption|exfalso]. pose proof (Min (point 1)) as Q. rewrite <- Z in Lt.
    rewrite Lp in Q, Lt by lra. rewrite Ropp_0, exp_0, Rmult_0_r in Lt.
    assert (ln (1 + exp (- (1))) + / 4 * 1 < ln (1 + 1)) by interval with (i_prec 40). nra. }
  specialize (A λ (proj1 Hl) (point (- (1.02 * t))) Θ Min).
  assert (G : normalised_margin (point (- (1.02 * t))) = w).
  { unfold normalised_margin. rewrite (margin2 1 w). unfold scaled, point. cbn [norm Mo rays2 rays].
      unfold absolute.
    rewrite Rabs_Ropp, Rabs_pos_eq by lra. replace (/ (1.02 * t) * - (1.02 * t)) with (- (1)) by (field; lra).
    rewrite side_neg by lra. ring. }
  rewrite G in A. assert (Rabs (w - 1) < 0.01); [|unfold Rabs in *; destruct (Rcase_abs (w - 1)); lra].
  apply A. apply Rle_trans with (1.02 * loss λ (point t)); [|apply Rmult_le_compat_l; lra].
  rewrite Ln by lra. rewrite Lp by exact t0.
  assert (W : w * (1.02 * t) = t) by (rewrite <- Rmult_assoc; unfold w; rewrite Rinv_l; lra). rewrite W.
  pose proof (ln1p_pos _ (exp_pos (- t))). lra.
Qed.

(** One example, three classes, λ = 1/4: the rivals trail
  by t and t for t > 0, by 9/10 |t| and 10 |t| for t < 0. The minimiser
    is negative, with margin 9/10, and ln n = 0 promises 1. *)
Section OneSidedRival.
Let Mo := rays3 1 1 (9 / 10) 10.
Variable Θ : vec.
Hypothesis Min : @minimiser Mo (/ 4) Θ.
Let t := Θ O.
Lemma loss_right v : 0 <= v -> @loss Mo (/ 4) (point v) = ln (1 + (exp (- v) + exp (- v))) + / 4 * v.
Proof.
  intro Hv. unfold Mo. rewrite loss3. unfold point.
  rewrite !side_pos, !Rmult_1_l, Rabs_pos_eq by exact Hv. reflexivity.
Qed.
Lemma loss_left v : 0 <= v ->
  @loss Mo (/ 4) (point (- v)) = ln (1 + (exp (- (9 / 10 * v)) + exp (- (10 * v)))) + / 4 * v.
Proof.
  intro Hv. unfold Mo. rewrite loss3. unfold point.
  rewrite !side_neg, Ropp_involutive, Rabs_Ropp, Rabs_pos_eq by lra. reflexivity.
Qed.
Lemma short : Rabs t <= 4.9.
Proof.
  pose proof (proj2 (proj1 (claim_A_1 Mo) (/ 4) ltac:(lra)) Θ Min) as B. cbn [norm l r Mo rays3 rays] in B.
  change (INR 3) with (1 + 1 + 1) in B. rewrite Rinv_1, pw_e1 in B.
  - apply Rle_trans with (1 := B). interval with (i_prec 40).
  - interval with (i_prec 40).
Qed.
(** For small t the second rival is lost on the left for next to nothing. *)
Lemma left_is_better v : 0 < v <= 4.9 ->
  exp (- (9 / 10 * v)) + exp (- (10 * v)) < exp (- v) + exp (- v).
Proof.
  intro Hv. replace (- (9 / 10 * v)) with (- v + v / 10) by field.
  replace (- (10 * v)) with (- v + - (9 * v)) by ring.
  rewrite !exp_plus. pose proof (exp_pos (- v)) as Pe.
  assert (B1 : exp (v / 10) <= / (1 - v / 10)).
  { apply Rmult_le_reg_r with (1 - v / 10); [lra|]. rewrite Rinv_l by lra.
    pose proof (exp_ge1 (- (v / 10))) as Q. rewrite exp_Ropp in Q. pose proof (exp_pos (v / 10)).
    apply Rmult_le_compat_l with (r := exp (v / 10)) in Q; [|lra]. rewrite Rinv_r in Q by lra. lra. }
  assert (B2 : exp (- (9 * v)) <= / (1 + 9 * v)).
  { rewrite exp_Ropp. pose proof (exp_ge1 (9 * v)). apply Rinv_le_contravar; lra. }
  assert (B3 : / (1 - v / 10) + / (1 + 9 * v) < 2).
  { assert (D : 0 < (1 - v / 10) * (1 + 9 * v)) by (apply Rmult_lt_0_compat; lra).
    replace (/ (1 - v / 10) + / (1 + 9 * v)) with ((2 + 9 * v - v / 10) / ((1 - v / 10) * (1 + 9 * v)))
      by (field; split; lra).
    apply Rmult_lt_reg_r with (1 := D). unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. nra. }
  nra.
Qed.
Lemma negative : t < 0.
Proof.
  destruct (Rtotal_order t 0) as [?|[E|P]]; [assumption|exfalso|exfalso].
  - pose proof (Min (point (- (1)))) as Q. rewrite loss_left in Q by lra.
    unfold Mo in Q. rewrite loss3 in Q. fold t in Q. rewrite E, !side_at_0, Rabs_R0, Ropp_0, exp_0 in Q.
    assert (ln (1 + (exp (- (9 / 10 * 1)) + exp (- (10 * 1)))) + / 4 * 1 < ln (1 + (1 + 1)) + / 4 * 0)
      by interval with (i_prec 40).
    lra.
  - pose proof short as B. rewrite Rabs_pos_eq in B by lra. pose proof (Min (point (- t))) as Q.
    rewrite loss_left in Q by lra. unfold Mo in Q. rewrite loss3 in Q. fold t in Q.
    rewrite !side_pos, !Rmult_1_l, Rabs_pos_eq in Q by lra.
    pose proof (left_is_better t ltac:(lra)) as Lt.
    pose proof (exp_pos (- (9 / 10 * t))). pose proof (exp_pos (- (10 * t))).
    apply (Rplus_lt_compat_l 1) in Lt. apply ln_increasing in Lt; lra.
Qed.
Lemma small_margin : @normalised_margin Mo Θ <= 9 / 10.
Proof.
  unfold normalised_margin, Mo. rewrite margin3. apply Rle_trans with (1 := Rmin_r _ _).
  unfold scaled. cbn [norm rays3 rays]. unfold absolute. fold t. pose proof negative as Ng.
  rewrite Rabs_left by exact Ng. replace (/ - t * t) with (- (1)) by (field; lra).
  rewrite side_neg by lra. lra.
Qed.
End OneSidedRival.

Theorem twin_2_1_Q : ~ Twin_2_1_Q.
Proof.
  intro H. set (Mo := rays3 1 1 (9 / 10) 10).
  destruct (proj1 (claim_A_1 Mo) (/ 4) ltac:(lra)) as [(Θ & Min) _].
  assert (Hm : @max_margin Mo 1).
  { split.
    - exists (point 1). split; [cbn; unfold absolute, point; rewrite Rabs_R1; lra|].
      unfold Mo. rewrite margin3. unfold point. rewrite !side_pos, Rmin_left; lra.
    - intros Θ' HΘ. unfold Mo. rewrite margin3. apply Rle_trans with (1 := Rmin_r _ _). cbn in HΘ.
      unfold absolute in HΘ.
      unfold side. pose proof (Rabs_pos (Θ' O)). pose proof (Rle_abs (Θ' O)).
      pose proof (Rle_abs (- Θ' O)) as Q. rewrite Rabs_Ropp in Q. lra. }
  assert (HΘ : 0 < norm Θ).
  { pose proof (negative Θ Min). cbn [norm Mo rays3 rays]. unfold absolute. apply Rabs_pos_lt. lra. }
  specialize (H Mo 1 (/ 4) Θ ltac:(lra) ltac:(lra) Hm Min HΘ). pose proof (small_margin Θ Min) as G.
  fold Mo in G.
  cbn [n Mo rays3 rays] in H. change (INR 1) with 1 in H. rewrite ln_1 in H.
  unfold Rdiv in H. rewrite Rminus_eq_0, !Rmult_0_l, Rplus_0_l, Rmult_0_l in H. lra.
Qed.

(** One binary example, q = 1, λ = 1/e: t = -0.2 has the margin -1 and less than twice the least loss. *)
Lemma least_loss t : 0.45 <= ln (1 + exp (- t)) + exp (-1) * Rabs t.
Proof.
  destruct (Rle_or_lt t 0.5) as [A|A].
  - assert (ln (1 + exp (- 0.5)) <= ln (1 + exp (- t))).
    { pose proof (exp_pos (- 0.5)). apply ln_mono; [lra|]. apply Rplus_le_compat_l, exp_mono. lra. }
    assert (0.45 <= ln (1 + exp (- 0.5))) by interval with (i_prec 40).
    pose proof (Rabs_pos t). pose proof (exp_pos (-1)). nra.
  - rewrite Rabs_pos_eq by lra. destruct (Rle_or_lt t 2) as [C|C].
    + interval with (i_bisect t, i_prec 40).
    + pose proof (ln1p_pos _ (exp_pos (- t))). assert (0.45 <= exp (-1) * 2) by interval with (i_prec 40).
      pose proof (exp_pos (-1)). nra.
Qed.
Lemma side_linear t : side 1 (-1) t = t.
Proof. unfold side. field. Qed.
Lemma margin_left u w t : t < 0 -> @normalised_margin (rays2 u w) (point t) = w.
Proof.
  intro Ht. unfold normalised_margin. rewrite margin2. unfold scaled, point. cbn [norm rays2 rays].
  unfold absolute.
  rewrite Rabs_left by exact Ht. replace (/ - t * t) with (- (1)) by (field; lra). rewrite side_neg by lra.
  ring.
Qed.
Theorem twin_2_2 : ~ Twin_2_2.
Proof.
  intro H. set (Mo := rays2 1 (-1)). pose proof (max_margin_ray 1 (-1) ltac:(lra) ltac:(lra)) as Hm.
  fold Mo in Hm.
  pose proof (exp_pos (-1)) as Hl.
  destruct (proj1 (claim_A_1 Mo) (exp (-1)) Hl) as [(Θ & Min) _].
  specialize (H Mo 1 c0 (exp (-1)) 2 Θ (point (- 0.2)) ltac:(lra) Hm ltac:(lra)).
  assert (Eq : q = 1) by (unfold q; cbn; field). rewrite Eq in H.
  assert (EN : N = 1) by (unfold N; cbn; ring). rewrite EN in H.
  rewrite Rinv_1, (pw_e1 2) in H by lra. replace (2 - 1) with 1 in H by ring. rewrite !pw_1 in H.
  specialize (H ltac:(replace (- (1)) with (-1) by ring; field) ltac:(lra) Min).
  unfold Mo in H. rewrite !loss2, !side_linear, margin_left in H by lra. fold Mo in H.
  unfold point in H. pose proof (least_loss (Θ O)) as Lo.
  assert (Up : ln (1 + exp (- - 0.2)) + exp (-1) * Rabs (- 0.2) <= 0.9).
  { rewrite Rabs_left by lra. interval with (i_prec 40). }
  cbn [norm a r Mo rays2 rays] in H. unfold absolute in H. rewrite (Rabs_left (- 0.2)) in * by lra.
  replace (1 / 1) with 1 in H by field. rewrite pw_e1 in H by lra.
  specialize (H ltac:(lra) ltac:(lra)). lra.
Qed.

(** One example, margin 1 for t > 0 and 1/2 for t < 0, λ = e^-20: if t is the best of the first ray,
    then -2t costs at most twice as much. *)
Theorem twin_2_2_Q : ~ Twin_2_2_Q.
Proof.
  intro Hyp. set (Mo := rays2 1 (/ 2)). set (λ := exp (-20)). assert (Hl : 0 < λ) by apply exp_pos.
  destruct (proj1 (claim_A_1 Mo) λ Hl) as [(Θ & Min) _]. set (t := Rabs (Θ O)).
  assert (t0 : 0 <= t) by apply Rabs_pos.
  set (U := 21 * λ).
  assert (Lp : forall v, 0 <= v -> loss λ (point v) = ln (1 + exp (- v)) + λ * v).
  { intros v Hv. unfold Mo. rewrite loss2. unfold point. rewrite side_pos, Rmult_1_l, Rabs_pos_eq by exact Hv.
    reflexivity. }
  assert (Ln : forall v, 0 <= v -> loss λ (point (- v)) = ln (1 + exp (- (/ 2 * v))) + λ * v).
  { intros v Hv. unfold Mo. rewrite loss2. unfold point.
    rewrite side_neg, Ropp_involutive, Rabs_Ropp, Rabs_pos_eq by lra. reflexivity. }
  assert (LU : loss λ Θ <= U).
  { apply Rle_trans with (1 := Min (point 20)). rewrite Lp by lra.
    assert (ln (1 + exp (- (20))) <= λ); [|unfold U; lra]. unfold λ. replace (- (20)) with (-20) by ring.
    apply ln1p_le. pose proof (exp_pos (-20)). lra. }
  assert (Lt : loss λ (point t) <= loss λ Θ).
  { rewrite Lp by exact t0. unfold Mo. rewrite loss2. fold t. apply Rplus_le_compat_r. unfold t.
    destruct (Rle_or_lt 0 (Θ O)) as [P|Ng].
    - rewrite Rabs_pos_eq, side_pos by exact P. rewrite Rmult_1_l. lra.
    - rewrite Rabs_left, side_neg by lra. pose proof (exp_pos (- - Θ O)).
      apply ln_mono; [lra|]. apply Rplus_le_compat_l, exp_mono. lra. }
  assert (Pos : 0 < t).
  { destruct t0 as [|Z]; [assumption|exfalso]. rewrite <- Z in Lt. rewrite Lp in Lt by lra.
    rewrite Ropp_0, exp_0, Rmult_0_r in Lt.
    assert (21 * λ < ln (1 + 1)) by (unfold λ; interval with (i_prec 50)). unfold U in LU. lra. }
  set (Θ' := point (- (2 * t))).
  assert (Ap : loss λ Θ' <= 2 * loss λ Θ).
  { apply Rle_trans with (2 * loss λ (point t)); [|apply Rmult_le_compat_l; lra].
    unfold Θ'. rewrite Ln by lra. rewrite Lp by exact t0. replace (/ 2 * (2 * t)) with t by field.
    pose proof (ln1p_pos _ (exp_pos (- t))). lra. }
  assert (HU : 2 * U < ln 2) by (unfold U, λ; interval with (i_prec 50)).
  assert (En : INR n = 1) by reflexivity.
  assert (NT : 0 < norm Θ').
  { cbn [norm Mo rays2 rays]. unfold absolute, Θ', point. rewrite Rabs_Ropp, Rabs_pos_eq by lra. lra. }
  specialize (Hyp Mo λ 2 Θ Θ' U Hl ltac:(lra) Min Ap LU ltac:(rewrite En; lra) NT).
  unfold Θ', Mo in Hyp. rewrite margin_left in Hyp by lra. fold Mo in Hyp. rewrite En in Hyp.
  cbn [a r Mo rays2 rays] in Hyp. replace (1 / 1) with 1 in Hyp by field.
  assert (LUv : λ / U = / 21) by (unfold U; field; lra). rewrite LUv, pw_e1, Rmult_1_l in Hyp by lra.
  assert (Q : / 2 < - ln (exp U - 1) * / 21) by (unfold U, λ; interval with (i_prec 80)). lra.
Qed.

(** One example, three classes, q = 1, λ = 1/4: t = -1/100 loses the example. *)
Theorem twin_2_2_I : ~ Twin_2_2_I.
Proof.
  intro Hyp. set (Mo := rays3 1 1 (-1) (-1)). destruct (proj1 (claim_A_1 Mo) (/ 4) ltac:(lra))
    as [(Θ & Min) _].
  assert (Lo : forall v, 0.6 <= ln (1 + (exp (- v) + exp (- v))) + / 4 * Rabs v).
  { intro v. destruct (Rle_or_lt v 0) as [A|A].
    - assert (ln (1 + (exp 0 + exp 0)) <= ln (1 + (exp (- v) + exp (- v)))).
      { rewrite exp_0. apply ln_mono; [lra|]. pose proof (exp_ge1 (- v)). lra. }
      assert (0.6 <= ln (1 + (exp 0 + exp 0))) by interval with (i_prec 40). pose proof (Rabs_pos v). lra.
    - rewrite Rabs_pos_eq by lra. destruct (Rle_or_lt v 3) as [C|C]; [interval with (i_bisect v, i_prec 40)|].
      assert (0 < ln (1 + (exp (- v) + exp (- v)))) by (apply ln1p_pos; pose proof (exp_pos (- v)); lra).
      lra. }
  assert (Hm : @max_margin Mo 1).
  { split.
    - exists (point 1). split; [cbn; unfold absolute, point; rewrite Rabs_R1; lra|].
      unfold Mo. rewrite margin3, side_linear. unfold point. rewrite Rmin_left; lra.
    - intros Θ' HΘ. unfold Mo. rewrite margin3, side_linear. apply Rle_trans with (1 := Rmin_r _ _).
      cbn in HΘ. unfold absolute in HΘ. pose proof (Rle_abs (Θ' O)). lra. }
  assert (Ap : loss (/ 4) (point (- / 100)) <= 2 * loss (/ 4) Θ).
  { unfold Mo. rewrite !loss3, !side_linear. pose proof (Lo (Θ O)). unfold point. rewrite Rabs_Ropp,
      Rabs_pos_eq by lra.
    assert (ln (1 + (exp (- - / 100) + exp (- - / 100))) + / 4 * / 100 <= 1.2) by interval
      with (i_prec 40). lra. }
  assert (G : normalised_margin (point (- / 100)) = -1).
  { unfold normalised_margin, Mo. rewrite margin3, side_linear. unfold scaled,
      point. cbn [norm rays3 rays]. unfold absolute.
    rewrite Rabs_Ropp, Rabs_pos_eq by lra. rewrite Rmin_left; lra. }
  assert (EN : N = 2) by (unfold N; cbn; ring). assert (Eq : q = 1) by (unfold q; cbn; field).
  destruct (Hyp Mo 1 2 (/ 4) 2 Θ (point (- / 100)) ltac:(rewrite EN; lra) ltac:(lra) Hm) as [_ B];
    try assumption; try lra.
  - left. rewrite EN, Eq. repeat split; try lra. rewrite pw_1, pw_pos_eq by lra.
    replace 2 with (INR 2) at 2 by (simpl; lra). rewrite Rpower_pow by lra. simpl. field.
  - rewrite G in B. cbn [a r Mo rays3 rays] in B. replace (1 / 1) with 1 in B by field.
    rewrite pw_e1 in B by lra. lra.
Qed.
