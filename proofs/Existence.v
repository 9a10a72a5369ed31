(** * Claim A.1: minimisers, the maximum margin and U exist *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors Scaling.
Import ListNotations.
Open Scope R_scope.

Section Existence.
Context {Mo : model}.
Let one_example : (1 <= n)%nat := n_pos.
Let more_classes : (2 <= l)%nat := two_classes.
Let degree_pos : 0 < a := a_pos.
Let power_pos : 0 < r := r_pos.

Lemma zero_norm : norm zero = 0. Proof. apply (is_norm_zero p norm norm_is_norm). reflexivity. Qed.

Lemma f_cont i j v : (i < n)%nat -> (j < l)%nat -> continuous_at p (fun Θ => f Θ i j) v.
Proof. intros Hi Hj. exact (f_continuous i j Hi Hj v). Qed.
Lemma margin_continuous : continuous_on p margin.
Proof.
  intro v. apply (cont_Minimum p examples (fun Θ i => f Θ i (y i) - Maximum (rivals i) (fun j => f Θ i j))).
  intros i Hi. apply in_examples in Hi.
  apply cont_minus; [apply f_cont; [exact Hi|now apply y_is_class]|]. unfold Maximum.
  apply cont_ext with (fun Θ => (-1) * Minimum (rivals i) (fun j => - f Θ i j)); [intro; ring|].
  apply cont_scal.
  apply (cont_Minimum p (rivals i) (fun Θ j => - f Θ i j)). intros j Hj. apply in_rivals in Hj.
  apply cont_ext with (fun Θ => (-1) * f Θ i j); [intro; ring|]. apply cont_scal. now apply f_cont.
Qed.
(** Step 1 of Claim A.1 *)
Lemma loss_continuous λ : continuous_on p (loss λ).
Proof.
  intro v. apply cont_ext with (fun Θ =>
    / n * sum n (fun i => ln (1 + Sum (rivals i) (fun j => exp (f Θ i j - f Θ i (y i))))) + λ * norm Θ ** r).
  { intro Θ. unfold loss, cross_entropy. do 2 f_equal. apply sum_ext. intros i Hi.
    symmetry. now apply softmax_rivals. }
  apply cont_plus; apply cont_scal.
  - apply (cont_sum p n (fun Θ i => ln (1 + Sum (rivals i) (fun j => exp (f Θ i j - f Θ i (y i)))))).
    intros i Hi. apply (cont_comp p ln).
    + apply cont_plus; [apply cont_const|].
      apply (cont_Sum p (rivals i) (fun Θ j => exp (f Θ i j - f Θ i (y i)))).
      intros j Hj. apply in_rivals in Hj. apply (cont_comp p exp); [|apply exp_cont].
      apply cont_minus; apply f_cont; try easy. now apply y_is_class.
    + apply ln_cont. pose proof (surplus_nonneg (rivals i) (fun j => f v i j - f v i (y i))).
      cbv beta in *. lra.
  - apply (cont_comp p (fun t => t ** r)); [exact (norm_continuous p norm norm_is_norm v)|].
    apply pw_cont; [exact r_pos|apply norm_nonneg].
Qed.

(** Step 2 of Claim A.1 *)
Lemma loss_zero λ : loss λ zero = ln l.
Proof.
  assert (Hl : 0 < l) by (pose proof l_R; lra). pose proof n_R as Hn.
  unfold loss, cross_entropy. rewrite zero_norm, pw_0.
  rewrite (sum_ext n _ (fun _ => ln l)); [rewrite sum_const; field; lra|].
  intros i Hi. rewrite (null_score _ i (y i)) by (try apply zero_norm; try apply y_is_class; exact Hi).
  rewrite (sum_ext l _ (fun _ => 1)).
  - rewrite sum_const, exp_0, <- ln_Rinv by (apply Rdiv_lt_0_compat; lra). f_equal. field. lra.
  - intros j Hj. rewrite null_score by (try apply zero_norm; assumption). apply exp_0.
Qed.
(** Step 3 of Claim A.1 *)
Lemma loss_penalty λ Θ : λ * pw (norm Θ) r <= loss λ Θ.
Proof.
  unfold loss. pose proof (cross_entropy_lower Θ) as Q.
  assert (0 < INR n) by (apply lt_0_INR; lia). pose proof (Rinv_0_lt_compat _ H).
  pose proof (ln1p_pos _ (exp_pos (- margin Θ))). nra.
Qed.
Lemma loss_sublevel λ Θ : 0 < λ -> loss λ Θ <= ln (INR l) -> norm Θ <= pw (ln (INR l) / λ) (/ r).
Proof.
  intros Hl H. pose proof (loss_penalty λ Θ) as P.
  replace (norm Θ) with (pw (pw (norm Θ) r) (/ r)) by (rewrite pw_pw, Rinv_r, pw_e1
    by (try apply norm_nonneg; lra); reflexivity).
  apply pw_le; [left; now apply Rinv_0_lt_compat|]. split; [apply pw_nonneg|].
  apply Rmult_le_reg_l with λ; [exact Hl|]. replace (λ * (ln (INR l) / λ)) with (ln (INR l))
    by (field; lra). lra.
Qed.

Lemma minimisers_exist λ : 0 < λ ->
  (exists Θ, minimiser λ Θ) /\ (forall Θ, minimiser λ Θ -> norm Θ <= pw (ln (INR l) / λ) (/ r)).
Proof.
  intro Hl. split.
  - (* steps 4, 5 *) destruct (norm_coercive p norm norm_is_norm) as (m & Hm & Co).
    destruct (Weierstrass p (fun Θ => loss λ Θ <= ln (INR l)) (loss λ)) as (Θ & KT & HT).
    + intros v NK. destruct (loss_continuous λ v (loss λ v - ln (INR l))) as (d & D & H); [lra|]. exists d.
      split; [exact D|].
      intros w N. specialize (H w N). apply Rabs_lt_between in H. lra.
    + exists (pw (ln (INR l) / λ) (/ r) / m). intros v Kv k Hk. apply (loss_sublevel λ v Hl) in Kv.
      specialize (Co v k Hk).
      apply Rmult_le_reg_l with m; [exact Hm|].
      replace (m * (pw (ln (INR l) / λ) (/ r) / m)) with (pw (ln (INR l) / λ) (/ r)) by (field; lra). lra.
    + exists zero. rewrite loss_zero. lra.
    + apply loss_continuous.
    + exists Θ. intro Θ'. destruct (Rle_or_lt (loss λ Θ') (ln (INR l))); [now apply HT|lra].
  - intros Θ Min. apply loss_sublevel; [exact Hl|]. rewrite <- (loss_zero λ). apply Min.
Qed.

(* the maximum in (2.2) exists *)
Lemma max_margin_exists : exists γ, max_margin γ.
Proof.
  destruct (norm_coercive p norm norm_is_norm) as (m & Hm & Co).
  destruct (Weierstrass p (fun Θ => norm Θ <= 1) (fun Θ => (-1) * margin Θ)) as (Θ & KT & HT).
  - intros v NK. destruct (norm_continuous p norm norm_is_norm v (norm v - 1)) as (d & D & H); [lra|].
    exists d. split; [exact D|].
    intros w N. specialize (H w N). apply Rabs_lt_between in H. lra.
  - exists (/ m). intros v Kv k Hk. specialize (Co v k Hk). apply Rmult_le_reg_l with m; [exact Hm|].
    rewrite Rinv_r; lra.
  - exists zero. rewrite zero_norm. lra.
  - intro v. apply cont_scal. exact (margin_continuous v).
  - exists (margin Θ). split; [now exists Θ|]. intros Θ' HT'. specialize (HT Θ' HT'). lra.
Qed.

(* and so does the minimum U of Lemma A.2-Q *)
Lemma U_exists λ γ : 0 < λ -> 0 <= γ -> exists U, is_U λ γ U.
Proof.
  intros Hl Hg. set (B := pw (ln (INR l) / λ) (/ r)). assert (HB : 0 <= B) by apply pw_nonneg.
  assert (Hlr : 2 <= INR l) by (replace 2 with (INR 2) by (simpl; lra); now apply le_INR).
  destruct (continuity_ab_min (V λ γ) 0 B HB) as (M & HM & IM).
  { intros t [Ht _]. unfold V. apply continuity_pt_plus.
    - apply (continuity_pt_comp (fun t => 1 + (INR l - 1) * exp (- (pw t a * γ))) ln).
      + apply continuity_pt_plus; [apply continuity_pt_const; intros ? ?; reflexivity|].
        apply continuity_pt_scal.
        apply (continuity_pt_comp (fun t => - (pw t a * γ)) exp); [|apply exp_cont]. apply continuity_pt_opp.
        apply continuity_pt_mult; [now apply pw_cont|apply continuity_pt_const; intros ? ?; reflexivity].
      + apply ln_cont. pose proof (exp_pos (- (pw t a * γ))). nra.
    - apply continuity_pt_scal. now apply pw_cont. }
  exists (V λ γ M). split; [exists M; split; [lra|reflexivity]|]. intros M' HM'.
  destruct (Rle_or_lt M' B) as [Le|Lt]; [apply HM; lra|]. apply Rle_trans with (V λ γ 0); [apply HM; lra|].
  unfold V. rewrite !pw_0, Rmult_0_l, Ropp_0, exp_0, Rmult_0_r, Rplus_0_r.
  replace (1 + (INR l - 1) * 1) with (INR l) by ring.
  assert (ln (INR l) <= λ * pw M' r).
  { replace (ln (INR l)) with (λ * pw B r).
    - apply Rmult_le_compat_l; [lra|]. apply pw_le; lra.
    - unfold B. assert (0 <= ln (INR l) / λ) by (apply Rdiv_le_0_compat; [rewrite <- ln_1; apply ln_mono|];
        lra).
      rewrite pw_pw, Rinv_l, pw_e1 by lra. field. lra. }
  pose proof (exp_pos (- (pw M' a * γ))).
  assert (0 < (l - 1) * exp (- (M' ** a * γ))) as P by nra. pose proof (ln1p_pos _ P). lra.
Qed.
End Existence.

Theorem claim_A_1 : Claim_A_1.
Proof.
  intro Mo. split; [exact minimisers_exist|]. split; [exact max_margin_exists|exact U_exists].
Qed.
