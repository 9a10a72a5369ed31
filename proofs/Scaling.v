(** * The loss along a ray: (A.1), (A.2), (A.3); normalisation *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors.
Import ListNotations.
Open Scope R_scope.

Section Scaling.
Context {Mo : model}.
Let one_example : (1 <= n)%nat := n_pos.
Let more_classes : (2 <= l)%nat := two_classes.
Let degree_pos : 0 < a := a_pos.
Let power_pos : 0 < r := r_pos.

(** ** The norm and the scores at multiples of Θ *)
Lemma norm_nonneg Θ : 0 <= norm Θ.
Proof. exact (is_norm_nonneg p norm norm_is_norm Θ). Qed.
Lemma norm_scale c Θ : 0 <= c -> norm (c · Θ) = c * norm Θ.
Proof. intro H. rewrite (norm_absolute p norm norm_is_norm), Rabs_pos_eq by exact H. reflexivity. Qed.
(** The scores vanish at zero: f(2 · 0) = 2^a f(0). *)
Lemma null_score Θ i j : norm Θ = 0 -> (i < n)%nat -> (j < l)%nat -> f Θ i j = 0.
Proof.
  intros H Hi Hj. pose proof (norm_definite p norm norm_is_norm Θ H) as Z.
  assert (E : f (2 · Θ) i j = f Θ i j).
  { apply (cont_local p (fun Θ => f Θ i j)); [now apply f_continuous|].
    intros k Hk. unfold scaled. rewrite Z by exact Hk. ring. }
  rewrite f_homogeneous in E by (try assumption; lra).
  assert (1 < pw 2 a) by (rewrite <- (pw_1 a); apply pw_lt; [exact a_pos|lra]). nra.
Qed.

Lemma n_R : 0 < INR n. Proof. apply lt_0_INR. lia. Qed.
Lemma l_R : 2 <= INR l. Proof. replace 2 with (INR 2) by (simpl; lra). now apply le_INR. Qed.
Lemma n_ge1 : 1 <= INR n. Proof. replace 1 with (INR 1) by reflexivity. now apply le_INR. Qed.
Lemma l1_R : 1 <= l - 1. Proof. pose proof l_R. lra. Qed.
Lemma q_pos : 0 < q. Proof. now apply Rdiv_lt_0_compat. Qed.
Lemma in_examples i : In i examples <-> (i < n)%nat.
Proof. clear. unfold examples. rewrite in_seq. lia. Qed.
Lemma in_rivals i j : In j (rivals i) <-> (j < l)%nat /\ j <> y i.
Proof. clear. unfold rivals. rewrite filter_In, in_seq, Bool.negb_true_iff, Nat.eqb_neq. lia. Qed.
Lemma s_r Θ : pw (norm Θ) r = pw (s Θ) q.
Proof. unfold s, q. rewrite pw_pw by apply norm_nonneg. f_equal. field. lra. Qed.
Lemma s_nonneg Θ : 0 <= s Θ. Proof. apply pw_nonneg. Qed.

(** The sum over the classes is the term of the label plus the sum over its rivals. *)
Lemma sum_classes i g : (i < n)%nat -> sum l g = g (y i) + Sum (rivals i) g.
Proof. intro Hi. now apply sum_without, y_is_class. Qed.
Lemma length_rivals i : (i < n)%nat -> INR (length (rivals i)) = INR l - 1.
Proof.
  intro Hi. pose proof (sum_classes i (fun _ => 1) Hi) as H. rewrite sum_const, Sum_const in H. lra.
Qed.
Lemma rivals_nonempty i : (i < n)%nat -> rivals i <> [].
Proof. intros Hi E. pose proof (length_rivals i Hi) as H. rewrite E in H. simpl in H. pose proof l_R. lra.
Qed.
Lemma examples_nonempty : examples <> [].
Proof. clear. unfold examples. pose proof n_pos as H. destruct n; [lia|discriminate]. Qed.

Lemma margin_le Θ i j : (i < n)%nat -> (j < l)%nat -> j <> y i -> margin Θ <= f Θ i (y i) - f Θ i j.
Proof.
  intros Hi Hj Hne. unfold margin. apply Rle_trans with (f Θ i (y i) - Maximum (rivals i) (fun j => f Θ i j)).
  - apply (Minimum_le examples (fun i => f Θ i (y i) - Maximum (rivals i) (fun j => f Θ i j))).
    now apply in_examples.
  - unfold Maximum. pose proof (Minimum_le (rivals i) (fun j => - f Θ i j) j) as Q. cbv beta in Q.
    rewrite in_rivals in Q. specialize (Q (conj Hj Hne)). lra.
Qed.
Lemma margin_attained Θ : exists i j, (i < n)%nat /\ (j < l)%nat /\ j <> y i /\
  margin Θ = f Θ i (y i) - f Θ i j.
Proof.
  destruct (Minimum_attained examples (fun i => f Θ i (y i) - Maximum (rivals i) (fun j => f Θ i j))
    examples_nonempty) as (i & Hi & Ei).
  apply in_examples in Hi.
  destruct (Minimum_attained (rivals i) (fun j => - f Θ i j) (rivals_nonempty i Hi)) as (j & Hj & Ej).
  apply in_rivals in Hj. exists i, j. split; [exact Hi|]. split; [easy|]. split; [easy|].
  unfold margin. rewrite Ei. unfold Maximum. rewrite Ej. ring.
Qed.
Lemma margin_unique Θ γ : (forall i j, (i < n)%nat -> (j < l)%nat -> j <> y i ->
  γ <= f Θ i (y i) - f Θ i j) -> γ <= margin Θ.
Proof. intro H. destruct (margin_attained Θ) as (i & j & Hi & Hj & Hn & ->). now apply H. Qed.

(** ** The scaling sandwich *)
Lemma score_scale M Θ i j : 0 <= M -> (i < n)%nat -> (j < l)%nat -> f (M · Θ) i j = pw M a * f Θ i j.
Proof.
  intros [HM|<-] Hi Hj; [now apply f_homogeneous|]. rewrite pw_0, Rmult_0_l. apply null_score; try assumption.
  rewrite norm_scale by lra. ring.
Qed.
Lemma margin_scale M Θ : 0 <= M -> margin (M · Θ) = pw M a * margin Θ.
Proof.
  intro HM. pose proof (pw_nonneg M a) as P. apply Rle_antisym.
  - destruct (margin_attained Θ) as (i & j & Hi & Hj & Hn & ->).
    rewrite Rmult_minus_distr_l, <- !score_scale by (try apply y_is_class; assumption). now apply margin_le.
  - apply margin_unique. intros i j Hi Hj Hn. rewrite !score_scale by (try apply y_is_class; assumption).
    rewrite <- Rmult_minus_distr_l. apply Rmult_le_compat_l; [exact P|]. now apply margin_le.
Qed.

Lemma surplus_nonneg (I : list nat) (γ : nat -> R) : 0 <= Sum I (fun j => exp (γ j)).
Proof. apply Sum_nonneg. intros. left. apply exp_pos. Qed.

(* softmax divided by its largest term *)
Lemma softmax_rivals Θ i : (i < n)%nat ->
  - ln (exp (f Θ i (y i)) / sum l (fun j => exp (f Θ i j)))
      = ln (1 + Sum (rivals i) (fun j => exp (f Θ i j - f Θ i (y i)))).
Proof.
  intro Hi. rewrite (sum_classes i (fun j => exp (f Θ i j)) Hi). pose proof (exp_pos (f Θ i (y i))) as P.
  pose proof (surplus_nonneg (rivals i) (fun j => f Θ i j)) as S0. cbv beta in S0.
  rewrite <- ln_Rinv by (apply Rdiv_lt_0_compat; lra). f_equal.
  transitivity (1 + / exp (f Θ i (y i)) * Sum (rivals i) (fun j => exp (f Θ i j))); [field; lra|].
  f_equal. rewrite <- Sum_scale. apply Sum_ext. intros j _. rewrite <- exp_Ropp, <- exp_plus. f_equal. ring.
Qed.

Lemma eq_A_1 λ c Θ : 0 <= c ->
  loss λ (c · Θ) =
    / n * sum n (fun i => ln (1 + Sum (rivals i) (fun j => exp (c ** a * (f Θ i j - f Θ i (y i))))))
    + λ * c ** r * norm Θ ** r.
Proof.
  intro Hc. unfold loss, cross_entropy. f_equal.
  - f_equal. apply sum_ext. intros i Hi. rewrite softmax_rivals by exact Hi. do 2 f_equal.
    apply Sum_ext. intros j Hj. apply in_rivals in Hj.
    rewrite !score_scale by (try apply y_is_class; easy). f_equal. ring.
  - rewrite norm_scale, pw_mult by (try apply norm_nonneg; exact Hc). ring.
Qed.

Lemma cross_entropy_upper Θ : cross_entropy Θ <= ln (1 + (l - 1) * exp (- margin Θ)).
Proof.
  unfold cross_entropy. pose proof n_R. apply Rmult_le_reg_l with n; [assumption|].
  rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra.
  rewrite <- sum_const. apply sum_le. intros i Hi. rewrite softmax_rivals by exact Hi.
  apply ln_mono.
  { pose proof (surplus_nonneg (rivals i) (fun j => f Θ i j - f Θ i (y i))). cbv beta in *. lra. }
  apply Rplus_le_compat_l. rewrite <- (length_rivals i Hi), <- Sum_const. apply Sum_le. intros j Hj.
  apply in_rivals in Hj. apply exp_mono. pose proof (margin_le Θ i j Hi (proj1 Hj) (proj2 Hj)). lra.
Qed.
Lemma cross_entropy_lower Θ : / n * ln (1 + exp (- margin Θ)) <= cross_entropy Θ.
Proof.
  destruct (margin_attained Θ) as (i & j & Hi & Hj & Hn & E). unfold cross_entropy.
  apply Rmult_le_compat_l; [left; apply Rinv_0_lt_compat, n_R|].
  set (term := fun i => - ln (exp (f Θ i (y i)) / sum l (fun j => exp (f Θ i j)))).
  apply Rle_trans with (term i).
  - unfold term. rewrite softmax_rivals by exact Hi. rewrite E.
    apply ln_mono; [pose proof (exp_pos (- (f Θ i (y i) - f Θ i j))); lra|].
    apply Rplus_le_compat_l.
    replace (- (f Θ i (y i) - f Θ i j)) with (f Θ i j - f Θ i (y i)) by ring.
    apply (Sum_term (rivals i) (fun j => exp (f Θ i j - f Θ i (y i)))); [intros; left; apply exp_pos|].
    now apply in_rivals.
  - apply sum_term; [exact Hi|]. intros k Hk. unfold term. rewrite softmax_rivals by exact Hk.
    rewrite <- ln_1. apply ln_mono; [lra|].
    pose proof (surplus_nonneg (rivals k) (fun j => f Θ k j - f Θ k (y k))). cbv beta in *. lra.
Qed.

Lemma eq_A_2 λ M Θ : 0 <= M ->
  loss λ (M · Θ) <= ln (1 + (INR l - 1) * exp (- (pw M a * margin Θ))) + λ * pw M r * pw (norm Θ) r.
Proof.
  intro HM. unfold loss. rewrite <- margin_scale by exact HM.
  apply Rplus_le_compat; [apply cross_entropy_upper|].
  rewrite norm_scale, pw_mult by (try apply norm_nonneg; exact HM). right. ring.
Qed.
Lemma eq_A_3 λ M Θ : 0 <= M ->
  / INR n * ln (1 + exp (- (pw M a * margin Θ))) + λ * pw M r * pw (norm Θ) r <= loss λ (M · Θ).
Proof.
  intro HM. unfold loss. rewrite <- margin_scale by exact HM.
  apply Rplus_le_compat; [apply cross_entropy_lower|].
  rewrite norm_scale, pw_mult by (try apply norm_nonneg; exact HM). right. ring.
Qed.

(** ** Normalisation *)
Lemma norm_bar Θ : 0 < norm Θ -> norm (/ norm Θ · Θ) = 1.
Proof. intro H. rewrite norm_scale by (left; now apply Rinv_0_lt_compat). field. lra. Qed.
Lemma margin_bar Θ : 0 < norm Θ -> margin Θ = s Θ * normalised_margin Θ.
Proof.
  intro H. unfold normalised_margin, s. rewrite margin_scale by (left; now apply Rinv_0_lt_compat).
  rewrite <- Rmult_assoc, <- pw_mult, Rinv_r, pw_1 by (try (left; apply Rinv_0_lt_compat); lra). ring.
Qed.
Lemma gamma_le Θ γ : max_margin γ -> 0 < norm Θ -> normalised_margin Θ <= γ.
Proof. intros [_ H] HT. apply H. rewrite norm_bar by exact HT. lra. Qed.
Lemma max_margin_sphere γ : 0 < γ -> max_margin γ -> exists Θ, norm Θ = 1 /\ margin Θ = γ.
Proof.
  intros Hg [(Θ & HT & ET) Max]. exists (/ norm Θ · Θ). destruct (norm_nonneg Θ) as [H0|H0].
  - pose proof (norm_bar Θ H0) as N1. split; [exact N1|]. apply Rle_antisym; [apply Max; lra|].
    rewrite margin_scale, ET by (left; now apply Rinv_0_lt_compat). rewrite <- (Rmult_1_l γ) at 1.
    apply Rmult_le_compat_r; [lra|]. rewrite <- (pw_1 a). apply pw_le; [lra|]. split; [lra|].
    rewrite <- Rinv_1 at 1. apply Rinv_le_contravar; lra.
  - exfalso. destruct (margin_attained Θ) as (i & j & Hi & Hj & Hn & E).
    rewrite !null_score in E by (try apply y_is_class; try easy). lra.
Qed.
Lemma max_margin_nonneg γ : max_margin γ -> 0 <= γ.
Proof.
  intros [(Θ & HT & _) Max]. pose proof (Max (0 · Θ)) as Q.
  rewrite norm_scale, margin_scale, pw_0 in Q by lra. lra.
Qed.
(* (A.3) at the minimiser itself, for the best margin; also at the zero parameter (step 3 of Lemma A.2) *)
Lemma null_margin Θ : norm Θ = 0 -> margin Θ = 0.
Proof.
  intro H. destruct (margin_attained Θ) as (i & j & Hi & Hj & Hn & ->).
  rewrite !null_score by (try apply y_is_class; assumption). ring.
Qed.
Lemma s_null Θ : norm Θ = 0 -> s Θ = 0. Proof. intro H. unfold s. rewrite H. apply pw_0. Qed.
Lemma L_lower λ Θ γ : 0 <= γ -> max_margin γ ->
  / INR n * ln (1 + exp (- (s Θ * γ))) + λ * pw (s Θ) q <= loss λ Θ.
Proof.
  intros Hg Hm. unfold loss. rewrite <- s_r. apply Rplus_le_compat_r.
  apply Rle_trans with (2 := cross_entropy_lower Θ).
  apply Rmult_le_compat_l; [left; apply Rinv_0_lt_compat, n_R|].
  pose proof (exp_pos (- (s Θ * γ))). apply ln_mono; [lra|].
  apply Rplus_le_compat_l, exp_mono, Ropp_le_contravar.
  destruct (norm_nonneg Θ) as [H0|H0].
  - rewrite margin_bar by exact H0. apply Rmult_le_compat_l; [apply s_nonneg|]. now apply gamma_le.
  - rewrite (s_null Θ), (null_margin Θ) by easy. lra.
Qed.
End Scaling.

Theorem equation_A_1 : Equation_A_1.
Proof. exact @eq_A_1. Qed.
Theorem equation_A_2 : Equation_A_2.
Proof. exact @eq_A_2. Qed.
Theorem equation_A_3 : Equation_A_3.
Proof. exact @eq_A_3. Qed.
