(** * The twins of Theorems A.3 and 2.1-L are false

    One parameter t, one or two examples with label 1; example i has the score u i t for t >= 0 and
    w i |t| for t <= 0. *)
From Coq Require Import Reals Lra Lia List Psatz.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From MarginTheory Require Import Vocabulary Statements Twins Sums Elementary Vectors.
From MarginTheory Require Import BinaryCase OneParameter Entropy RateConstant.
Import ListNotations.
Open Scope R_scope.
Import Binary.

Definition rising (u w : nat -> R) (Θ : vec) (i : nat) : R := side (u i) (w i) (Θ O).
Lemma rising_homogeneous u w c Θ i : 0 < c -> rising u w (c · Θ) i = c ** 1 * rising u w Θ i.
Proof. intro Hc. unfold rising, scaled. rewrite side_scale, pw_e1 by lra. ring. Qed.
Definition two_sides (n : nat) (Hn : (1 <= n)%nat) (u w : nat -> R) : Binary.model := {|
  p := 1; norm := absolute; n := n; y := fun _ => 1; f := rising u w; a := 1; r := 1;
  n_pos := Hn; y_is_sign := fun _ _ => or_introl eq_refl; a_pos := Rlt_0_1; r_pos := Rlt_0_1;
  norm_is_norm := absolute_norm; f_continuous := fun i _ => side_continuous (u i) (w i);
  f_homogeneous := fun c Θ i Hc _ => rising_homogeneous u w c Θ i Hc |}.
Definition one_example (w : R) : Binary.model := two_sides 1 (le_n 1) (fun _ => 1) (fun _ => w).

Lemma loss1 w λ Θ : @loss (one_example w) λ Θ = ln (1 + exp (- side 1 w (Θ O))) + λ * Rabs (Θ O).
Proof.
  unfold loss. cbn [norm r one_example two_sides n y f]. rewrite pw_e1 by apply Rabs_pos. f_equal.
  cbn [sum]. change (INR 1) with 1. unfold rising. rewrite Rinv_1, !Rmult_1_l, Rplus_0_l. reflexivity.
Qed.
Lemma margin1 w Θ : @margin (one_example w) Θ = side 1 w (Θ O).
Proof. unfold margin. cbn. apply Rmult_1_l. Qed.

(** Margin 1 for t > 0 and 1/1.02 for t < 0: if t is the best of the first ray, -1.02 t costs 2 % more. *)
Theorem twin_A_3 : ~ Twin_A_3.
Proof.
  intro H. set (w := / 1.02). assert (Hw : 0.98 <= w <= 0.981)
    by (unfold w; split; interval with (i_prec 40)).
  set (Mo := one_example w).
  assert (Hm : @max_margin Mo 1).
  { split.
    - exists (point 1). split; [cbn; unfold absolute, point; rewrite Rabs_R1; lra|].
      unfold Mo. rewrite margin1. unfold point. rewrite side_pos; lra.
    - intros Θ HΘ. unfold Mo. rewrite margin1. cbn in HΘ. unfold absolute in HΘ. set (t := Θ O) in *.
      pose proof (Rabs_pos t). pose proof (Rle_abs t). pose proof (Rle_abs (- t)) as B.
      rewrite Rabs_Ropp in B.
      unfold side. nra. }
  destruct (H Mo 1 Hm ltac:(lra) 0.01 ltac:(lra)) as (λ0 & Hl0 & A).
  set (λ := Rmin (λ0 / 2) (/ 4)). assert (Hl : 0 < λ < λ0 /\ λ <= / 4).
  { unfold λ. pose proof (Rmin_l (λ0 / 2) (/ 4)). pose proof (Rmin_r (λ0 / 2) (/ 4)).
    assert (0 < Rmin (λ0 / 2) (/ 4)) by (apply Rmin_glb_lt; lra). lra. }
  destruct (proj1 (theorem_A_3 Mo) λ ltac:(lra)) as (Θ & Min). set (t := Rabs (Θ O)).
  assert (t0 : 0 <= t) by apply Rabs_pos.
  assert (Lp : forall v, 0 <= v -> loss λ (point v) = ln (1 + exp (- v)) + λ * v).
  { intros v Hv. unfold Mo. rewrite loss1. unfold point. rewrite side_pos, Rmult_1_l, Rabs_pos_eq by exact Hv.
    reflexivity. }
  assert (Ln : forall v, 0 <= v -> loss λ (point (- v)) = ln (1 + exp (- (w * v))) + λ * v).
  { intros v Hv. unfold Mo. rewrite loss1. unfold point.
    rewrite side_neg, Ropp_involutive, Rabs_Ropp, Rabs_pos_eq by lra. reflexivity. }
  assert (Lt : loss λ (point t) <= loss λ Θ).
  { rewrite Lp by exact t0. unfold Mo. rewrite loss1. fold t. apply Rplus_le_compat_r. unfold t.
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
  { unfold normalised_margin. rewrite (margin1 w). unfold scaled,
      point. cbn [norm Mo one_example two_sides]. unfold absolute.
    rewrite Rabs_Ropp, Rabs_pos_eq by lra. replace (/ (1.02 * t) * - (1.02 * t)) with (- (1)) by (field; lra).
    rewrite side_neg by lra. ring. }
  rewrite G in A. assert (Rabs (w - 1) < 0.01); [|unfold Rabs in *; destruct (Rcase_abs (w - 1)); lra].
  apply A. apply Rle_trans with (1.02 * loss λ (point t)); [|apply Rmult_le_compat_l; lra].
  rewrite Ln by lra. rewrite Lp by exact t0.
  assert (W : w * (1.02 * t) = t) by (rewrite <- Rmult_assoc; unfold w; rewrite Rinv_l; lra). rewrite W.
  pose proof (ln1p_pos _ (exp_pos (- t))). lra.
Qed.

(** Two examples with margins (1, 1) t for t > 0 and (3, 1/2) |t| for t < 0. Then γ = 1 and the weights
    are (1/5, 4/5), which promises entropy + ln (4/5) > 1/4; but for small λ the normalised margin of the
    minimiser is near 1, so the minimiser is positive and has deficit 0. *)
Definition left_side (i : nat) : R := match i with O => 3 | _ => / 2 end.
#[local] Instance two_examples : Binary.model := two_sides 2 (le_S _ _ (le_n 1)) (fun _ => 1) left_side.
Definition ws (i : nat) : R := match i with O => / 5 | _ => 4 / 5 end.
Lemma margin_two Θ : margin Θ = Rmin (side 1 (/ 2) (Θ O)) (side 1 3 (Θ O)).
Proof. unfold margin. cbn. unfold rising, left_side. rewrite !Rmult_1_l. reflexivity. Qed.
Lemma dot_two w Θ : sum n (fun i => w i * (y i * f Θ i)) = w O * side 1 3 (Θ O) + w 1%nat
  * side 1 (/ 2) (Θ O).
Proof. cbn. unfold rising, left_side. ring. Qed.
Lemma γ_is_1 : max_margin 1.
Proof.
  split.
  - exists (point 1). split; [cbn; unfold absolute, point; rewrite Rabs_R1; lra|].
    rewrite margin_two. unfold point. rewrite !side_pos, Rmin_left; lra.
  - intros Θ HΘ. rewrite margin_two. cbn in HΘ. unfold absolute in HΘ. apply Rle_trans with (1 := Rmin_l _ _).
    pose proof (Rle_abs (Θ O)). pose proof (Rle_abs (- Θ O)) as B. rewrite Rabs_Ropp in B.
    pose proof (Rabs_pos (Θ O)). unfold side. lra.
Qed.
Lemma ws_is_p_star : is_p_star 1 ws.
Proof.
  split; [|split].
  - split; [intros i _; destruct i; simpl; lra|cbn; field].
  - split.
    + exists (point 1). split; [cbn; unfold absolute, point; rewrite Rabs_R1; lra|].
      rewrite dot_two. unfold point. rewrite !side_pos by lra. simpl. field.
    + intros Θ HΘ. rewrite dot_two. cbn in HΘ. unfold absolute in HΘ. simpl.
      pose proof (Rle_abs (Θ O)). pose proof (Rle_abs (- Θ O)) as B. rewrite Rabs_Ropp in B.
      pose proof (Rabs_pos (Θ O)). unfold side. lra.
  - intros w (W1 & W2) (_ & Hw). pose proof (Hw (point (-1))) as B. rewrite dot_two in B.
    unfold point at 2 3 in B.
    rewrite !side_neg in B by lra. specialize (B ltac:(cbn; unfold absolute, point; rewrite Rabs_left; lra)).
    cbn [sum n two_examples two_sides] in W2.
    pose proof (W1 O ltac:(cbn; lia)) as P0. pose proof (W1 1%nat ltac:(cbn; lia)) as P1.
    unfold entropy. cbn [sum n two_examples two_sides]. simpl (ws _).
    pose proof (Gibbs_term (w O) (/ 5) P0 ltac:(lra)) as G0.
    pose proof (Gibbs_term (w 1%nat) (4 / 5) P1 ltac:(lra)) as G1.
    assert (L : ln (/ 5) < ln (4 / 5)) by (apply ln_increasing; lra).
    assert (Ew : w 1%nat = 1 - w O) by lra. rewrite Ew in *. nra.
Qed.
Theorem twin_2_1_L : ~ Twin_2_1_L.
Proof.
  intro H. set (c := entropy ws + ln (largest ws)).
  assert (C0 : 1 / 4 < c).
  { unfold c. assert (Mx : largest ws = 4 / 5).
    { unfold largest, Maximum. cbn. rewrite Rmin_left; lra. }
    rewrite Mx. unfold entropy. cbn [sum n two_examples two_sides]. simpl (ws _). interval with (i_prec 40). }
  destruct (H two_examples 1 Rlt_0_1 γ_is_1 ws ws_is_p_star (1 / 4) ltac:(lra)) as (λ1 & Hl1 & A1).
  destruct (proj2 (proj2 (theorem_A_3 two_examples)) 1 γ_is_1) as (Lim & _).
  destruct (Lim Rlt_0_1 (1 / 4) ltac:(lra)) as (λ2 & Hl2 & A2).
  set (λ := Rmin (λ1 / 2) (λ2 / 2)). assert (Hl : 0 < λ < λ1 /\ λ < λ2).
  { unfold λ. pose proof (Rmin_l (λ1 / 2) (λ2 / 2)). pose proof (Rmin_r (λ1 / 2) (λ2 / 2)).
    assert (0 < Rmin (λ1 / 2) (λ2 / 2)) by (apply Rmin_glb_lt; lra). lra. }
  destruct (proj1 (theorem_A_3 two_examples) λ ltac:(lra)) as (Θ & Min).
  specialize (A1 λ ltac:(lra) Θ Min). specialize (A2 λ ltac:(lra) Θ Min). fold c in A1.
  apply Rabs_lt_between in A1. apply Rabs_lt_between in A2.
  assert (S0 : 0 <= s Θ) by apply pw_nonneg.
  assert (G : normalised_margin Θ = 1 \/ normalised_margin Θ <= / 2).
  { unfold normalised_margin. rewrite margin_two. unfold scaled. cbn [norm two_examples two_sides].
      unfold absolute.
    destruct (Rtotal_order (Θ O) 0) as [Ng|[Z|Ps]].
    - right. apply Rle_trans with (1 := Rmin_l _ _). rewrite Rabs_left by exact Ng.
      replace (/ - Θ O * Θ O) with (- (1)) by (field; lra). rewrite side_neg by lra. lra.
    - right. apply Rle_trans with (1 := Rmin_l _ _). rewrite Z, Rmult_0_r, side_at_0. lra.
    - left. rewrite Rabs_pos_eq by lra. replace (/ Θ O * Θ O) with 1 by (field; lra).
      rewrite !side_pos, Rmin_left; lra. }
  destruct G as [G|G]; [rewrite G in A1; lra|lra].
Qed.
