(** * Models with one parameter, for counterexamples

    One real parameter t, all examples of class 0; at example i the class j trails by u i j t for t > 0
    and by w i j |t| for t < 0. The norm is |t|, a = r = 1. *)
From Coq Require Import Reals Lra Lia List Psatz.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors Scaling.
Import ListNotations.
Open Scope R_scope.

(** The vector (t). *)
Definition point (t : R) : vec := fun _ => t.
Definition absolute (Θ : vec) : R := Rabs (Θ O).
Lemma absolute_norm : is_norm 1 absolute.
Proof.
  split.
  - intros v w H. unfold absolute. now rewrite (H O) by lia.
  - intros v w. apply Rabs_triang.
  - intros c v. apply Rabs_mult.
  - intros v H k Hk. replace k with O by lia. now apply Rabs_eq_0.
Qed.

(** u t for t >= 0 and w |t| for t <= 0. *)
Definition side (u w t : R) : R := u * ((Rabs t + t) / 2) + w * ((Rabs t - t) / 2).
Lemma side_pos u w t : 0 <= t -> side u w t = u * t.
Proof. intro H. unfold side. rewrite Rabs_pos_eq by exact H. field. Qed.
Lemma side_neg u w t : t <= 0 -> side u w t = w * - t.
Proof. intro H. unfold side. rewrite Rabs_left1 by exact H. field. Qed.
Lemma side_scale u w c t : 0 < c -> side u w (c * t) = c * side u w t.
Proof. intro Hc. unfold side. rewrite Rabs_mult, (Rabs_pos_eq c) by lra. field. Qed.
Lemma side_continuous u w : continuous_on 1 (fun Θ => side u w (Θ O)).
Proof.
  intro v. assert (C0 : continuous_at 1 (fun Θ => Θ O) v).
  { intros e He. exists e. split; [exact He|]. intros x N. apply N. lia. }
  assert (C1 : continuous_at 1 (fun Θ => Rabs (Θ O)) v).
  { apply (cont_comp 1 Rabs); [exact C0|apply Rcontinuity_abs]. }
  apply cont_ext with (fun Θ => u / 2 * (Rabs (Θ O) + Θ O) + w / 2 * (Rabs (Θ O) - Θ O)).
  - intro Θ. unfold side. field.
  - apply cont_plus; apply cont_scal; [now apply cont_plus|now apply cont_minus].
Qed.

Definition trail (u w : nat -> nat -> R) (Θ : vec) (i j : nat) : R := - side (u i j) (w i j) (Θ O).
Lemma trail_continuous u w i j : continuous_on 1 (fun Θ => trail u w Θ i j).
Proof.
  intro v. apply cont_ext with (fun Θ => -1 * side (u i j) (w i j) (Θ O)); [intro; unfold trail; ring|].
  apply cont_scal, side_continuous.
Qed.
Lemma trail_homogeneous u w c Θ i j : 0 < c -> trail u w (c · Θ) i j = c ** 1 * trail u w Θ i j.
Proof. intro Hc. unfold trail, scaled. rewrite side_scale, pw_e1 by lra. ring. Qed.

Definition rays (n l : nat) (Hn : (1 <= n)%nat) (Hl : (2 <= l)%nat) (u w : nat -> nat -> R) : model := {|
  p := 1; norm := absolute; n := n; l := l; y := fun _ => O; f := trail u w; a := 1; r := 1;
  n_pos := Hn; two_classes := Hl; y_is_class := fun _ _ => Nat.lt_le_trans 0 2 l Nat.lt_0_2 Hl;
  a_pos := Rlt_0_1; r_pos := Rlt_0_1; norm_is_norm := absolute_norm;
  f_continuous := fun i j _ _ => trail_continuous u w i j;
  f_homogeneous := fun c Θ i j Hc _ _ => trail_homogeneous u w c Θ i j Hc |}.

(** One example with two or three classes: the rivals 1 and 2 trail by [side u w t] and [side u' w' t]. *)
Definition or_zero (u u' : R) (j : nat) : R := match j with O => 0 | 1%nat => u | _ => u' end.
Definition rays2 (u w : R) : model :=
  rays 1 2 (le_n 1) (le_n 2) (fun _ => or_zero u 0) (fun _ => or_zero w 0).
Definition rays3 (u u' w w' : R) : model :=
  rays 1 3 (le_n 1) (le_S _ _ (le_n 2)) (fun _ => or_zero u u') (fun _ => or_zero w w').

Lemma side_at_0 u w : side u w 0 = 0.
Proof. unfold side. rewrite Rabs_R0. field. Qed.
Lemma side_zero t : side 0 0 t = 0.
Proof. unfold side. ring. Qed.
Lemma loss2 u w λ Θ : @loss (rays2 u w) λ Θ = ln (1 + exp (- side u w (Θ O))) + λ * Rabs (Θ O).
Proof.
  unfold loss, cross_entropy. cbn [norm r rays2 rays n]. rewrite pw_e1 by apply Rabs_pos. f_equal.
  cbn [sum]. rewrite softmax_rivals by (cbn; lia). cbn. unfold trail. cbn. rewrite side_zero.
  rewrite Rinv_1, Rmult_1_l, Rplus_0_l, Rplus_0_r. do 3 f_equal. ring.
Qed.
Lemma loss3 u u' w w' λ Θ : @loss (rays3 u u' w w') λ Θ =
  ln (1 + (exp (- side u w (Θ O)) + exp (- side u' w' (Θ O)))) + λ * Rabs (Θ O).
Proof.
  unfold loss, cross_entropy. cbn [norm r rays3 rays n]. rewrite pw_e1 by apply Rabs_pos. f_equal.
  cbn [sum]. rewrite softmax_rivals by (cbn; lia). cbn. unfold trail. cbn. rewrite side_zero.
  rewrite Rinv_1, Rmult_1_l, Rplus_0_l, Rplus_0_r. do 3 f_equal; f_equal; ring.
Qed.
Lemma margin2 u w Θ : @margin (rays2 u w) Θ = side u w (Θ O).
Proof. cbn. unfold Maximum, trail. cbn. rewrite side_zero. ring. Qed.
Lemma margin3 u u' w w' Θ : @margin (rays3 u u' w w') Θ = Rmin (side u' w' (Θ O)) (side u w (Θ O)).
Proof.
  cbn. unfold Maximum, trail. cbn. rewrite side_zero, !Ropp_involutive. lra.
Qed.
