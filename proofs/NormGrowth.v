(** * Lemmas A.2 and A.2-Q: the norm of the minimiser grows *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors Scaling.
Import ListNotations.
Open Scope R_scope.

Section NormGrowth.
Context {Mo : model}.
Let one_example : (1 <= n)%nat := n_pos.
Let more_classes : (2 <= l)%nat := two_classes.
Let degree_pos : 0 < a := a_pos.
Let power_pos : 0 < r := r_pos.

(** ** The upper bound U of Lemma A.2 *)
Lemma V_pos λ γ M : 0 < λ -> 0 < V λ γ M.
Proof.
  intro H. unfold V. pose proof l_R. pose proof (exp_pos (- (pw M a * γ))) as P.
  assert (0 < (INR l - 1) * exp (- (pw M a * γ))) by (apply Rmult_lt_0_compat; lra).
  pose proof (ln1p_pos _ H1). pose proof (pw_nonneg M r). nra.
Qed.

(** Step 1 of Lemma A.2, for one M *)
Lemma A_2_step1 λ γ M : 0 < λ -> max_margin γ -> 0 <= M -> exists Θ, loss λ Θ <= V λ γ M.
Proof.
  intros Hl [(Θ & HT & ET) _] HM. exists (M · Θ). pose proof (eq_A_2 λ M Θ HM) as Q. rewrite ET in Q.
  apply Rle_trans with (1 := Q). unfold V. apply Rplus_le_compat_l. rewrite <- (Rmult_1_r (λ * pw M r)) at 2.
  apply Rmult_le_compat_l; [pose proof (pw_nonneg M r); nra|]. rewrite <- (pw_1 r). apply pw_le; [lra|].
  split; [apply norm_nonneg|exact HT].
Qed.
(** Step 4 of Lemma A.2: any value v of the loss forces the norm to be large *)
Lemma A_2_step4 λ γ Θ v : 0 < λ -> 0 < γ -> max_margin γ -> loss λ Θ <= v -> INR n * v < ln 2 -> 0 < v ->
  / γ * ln (/ (exp (INR n * v) - 1)) <= s Θ.
Proof.
  intros Hl Hg Hm HL Hn Hv. pose proof (L_lower λ Θ γ ltac:(lra) Hm) as Lo. pose proof n_R as N0.
  pose proof (pw_nonneg (s Θ) q). pose proof (exp_pos (- (s Θ * γ))) as P.
  assert (D : ln (1 + exp (- (s Θ * γ))) <= INR n * v).
  { apply Rmult_le_reg_l with (/ INR n); [now apply Rinv_0_lt_compat|].
      rewrite <- Rmult_assoc, Rinv_l, Rmult_1_l by lra. nra. }
  apply exp_mono in D. rewrite exp_ln in D by lra.
  assert (0 < INR n * v) by (apply Rmult_lt_0_compat; lra).
  assert (1 < exp (INR n * v)) by (rewrite <- exp_0; now apply exp_increasing).
  rewrite ln_Rinv by lra. apply Rmult_le_reg_l with γ; [exact Hg|].
  rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra.
  assert (- (s Θ * γ) <= ln (exp (INR n * v) - 1)) by (apply exp_le_ln; lra). lra.
Qed.

(** Step 5 of Lemma A.2 *)
Lemma A_2_step5 λ γ : 0 < λ -> 0 < γ -> 0 <= Λ λ γ ->
  exists M, 0 <= M /\ V λ γ M <= λ * pw γ (- q) * (1 + pw (Λ λ γ) q).
Proof.
  intros Hl Hg HL. pose proof l_R as Hlr. pose proof q_pos as Hq. set (La := Λ λ γ) in *.
  exists (pw (La / γ) (/ a)). split; [apply pw_nonneg|].
  assert (LG : 0 <= La / γ) by (apply Rdiv_le_0_compat; lra).
  unfold V. rewrite !pw_pw by exact LG. rewrite Rinv_l, pw_e1 by lra.
  replace (/ a * r) with q by (unfold q; field; lra).
  replace (La / γ * γ) with La by (field; lra). rewrite pw_div by lra. rewrite (pw_inv γ) by exact Hg.
  pose proof (pw_pos γ q Hg) as Pg.
  assert (A : 0 < (INR l - 1) * pw γ q / λ) by (apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat|]; lra).
  assert (E : (INR l - 1) * exp (- La) = λ * / pw γ q).
  { unfold La, Λ. rewrite exp_Ropp, exp_ln by exact A. field. lra. }
  rewrite E. pose proof (Rinv_0_lt_compat _ Pg).
  assert (ln (1 + λ * / pw γ q) <= λ * / pw γ q) by (apply ln1p_le; nra).
  unfold Rdiv. lra.
Qed.

Lemma lem_A_2_Q λ γ U Θ : 0 < λ -> 0 < γ -> max_margin γ -> is_U λ γ U -> minimiser λ Θ ->
  loss λ Θ <= U /\
  s Θ <= pw (U / λ) (/ q) /\
  (INR n * U < ln 2 -> s0 γ U <= s Θ) /\
  (0 <= Λ λ γ -> U <= λ * pw γ (- q) * (1 + pw (Λ λ γ) q)).
Proof.
  intros Hl Hg Hm [(M & HM & EM) Umin] Min. pose proof q_pos as Hq.
  assert (S1 : loss λ Θ <= U).
  { destruct (A_2_step1 λ γ M Hl Hm HM) as (Θ' & HT'). pose proof (Min Θ'). lra. }
  assert (U0 : 0 < U) by (rewrite <- EM; now apply V_pos).
  split; [exact S1|]. split; [|split].
  - (* step 2 *) assert (P : λ * pw (s Θ) q <= U).
    { pose proof (L_lower λ Θ γ ltac:(lra) Hm) as Lo. pose proof (ln1p_pos _ (exp_pos (- (s Θ * γ)))).
      pose proof (Rinv_0_lt_compat _ n_R). nra. }
    replace (s Θ) with (pw (pw (s Θ) q) (/ q)) by (rewrite pw_pw, Rinv_r, pw_e1
      by (try apply s_nonneg; lra); reflexivity).
    apply pw_le; [left; now apply Rinv_0_lt_compat|]. split; [apply pw_nonneg|].
    apply Rmult_le_reg_l with λ; [exact Hl|]. replace (λ * (U / λ)) with U by (field; lra). exact P.
  - intro Hn. unfold s0; now apply (A_2_step4 λ γ Θ U).
  - intro HL. destruct (A_2_step5 λ γ Hl Hg HL) as (M' & HM' & H). apply Rle_trans with (2 := H).
    now apply Umin.
Qed.

(** ** Lemma A.2 *)
Lemma A_2_eps γ B : 0 < γ -> max_margin γ -> exists λ0, 0 < λ0 /\
  forall λ Θ, 0 < λ < λ0 -> minimiser λ Θ -> B < s Θ.
Proof.
  intros Hg Hm. pose proof n_R as N0. pose proof l_R as Hlr.
  set (e := / INR n * ln (1 + exp (- (B * γ)))).
  assert (He : 0 < e) by (apply Rmult_lt_0_compat; [now apply Rinv_0_lt_compat|apply ln1p_pos, exp_pos]).
  (* a scale M at which the loss of Theta* is at most e/2 *)
  set (x := Rmax 1 (ln (2 * (INR l - 1) / e) / γ)).
  assert (Hx : 0 < x) by (unfold x; pose proof (Rmax_l 1 (ln (2 * (INR l - 1) / e) / γ)); lra).
  set (M := pw x (/ a)).
  assert (EM : pw M a = x) by (unfold M; rewrite pw_pw, Rinv_l, pw_e1 by lra; reflexivity).
  assert (D : 0 < 2 * (INR l - 1) / e) by (apply Rdiv_lt_0_compat; lra).
  assert (Small : (INR l - 1) * exp (- (x * γ)) <= e / 2).
  { assert (ln (2 * (INR l - 1) / e) <= x * γ).
    { apply Rmult_le_reg_r with (/ γ); [now apply Rinv_0_lt_compat|].
        rewrite Rmult_assoc, Rinv_r, Rmult_1_r by lra. apply Rmax_r. }
    assert (exp (- (x * γ)) <= / (2 * (INR l - 1) / e)).
    { rewrite <- (exp_ln (2 * (INR l - 1) / e)) by exact D. rewrite <- exp_Ropp. apply exp_mono. lra. }
    apply Rmult_le_compat_l with (r := INR l - 1) in H0; [|lra]. apply Rle_trans with (1 := H0). right.
    field. lra. }
  assert (PM : 0 < pw M r) by (apply pw_pos, pw_pos, Hx).
  exists (e / 2 / pw M r). split; [apply Rdiv_lt_0_compat; lra|]. intros λ Θ [Hl0 Hl] Min.
  destruct (A_2_step1 λ γ M Hl0 Hm) as (Θ' & HT'); [apply pw_nonneg|]. pose proof (Min Θ') as HMin.
  assert (HV : V λ γ M < e).
  { unfold V. rewrite EM. assert (λ * pw M r < e / 2).
    { apply Rmult_lt_compat_r with (r := pw M r) in Hl; [|exact PM].
        replace (e / 2 / pw M r * pw M r) with (e / 2) in Hl by (field; lra). exact Hl. }
    pose proof (exp_pos (- (x * γ))). assert (ln (1 + (INR l - 1) * exp (- (x * γ))) <= (INR l - 1)
      * exp (- (x * γ))) by (apply ln1p_le; nra). lra. }
  apply Rnot_le_lt. intro Hs. pose proof (L_lower λ Θ γ ltac:(lra) Hm) as Lo.
  assert (e <= / INR n * ln (1 + exp (- (s Θ * γ)))).
  { unfold e. apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|]. pose proof (exp_pos (- (B * γ))).
    apply ln_mono; [lra|]. apply Rplus_le_compat_l, exp_mono. nra. }
  pose proof (pw_nonneg (s Θ) q). nra.
Qed.

End NormGrowth.

Theorem lemma_A_2_Q : Lemma_A_2_Q.
Proof. exact @lem_A_2_Q. Qed.

Theorem lemma_A_2 : Lemma_A_2.
Proof.
  intros Mo γ Hg Hm B. destruct (A_2_eps γ (pw (Rmax B 0) a) Hg Hm) as (λ0 & Hl0 & H).
  exists λ0. split; [exact Hl0|]. intros λ Hl Θ Min. specialize (H λ Θ Hl Min). unfold s in H.
  apply Rnot_le_lt. intro Le. pose proof (norm_nonneg Θ). pose proof (Rmax_l B 0).
  assert (norm Θ ** a <= Rmax B 0 ** a) by (apply pw_le; [left; exact a_pos|lra]). lra.
Qed.
