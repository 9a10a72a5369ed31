(** * Real powers and elementary inequalities *)
From Coq Require Import Reals Lra Lia Psatz.
From MarginTheory Require Import Vocabulary Sums.
Open Scope R_scope.

(** ** Powers *)
Lemma pw_pos_eq x e : 0 < x -> pw x e = Rpower x e.
Proof. intro H. unfold pw. destruct (Rlt_dec 0 x); [reflexivity|lra]. Qed.
Lemma pw_0 e : pw 0 e = 0.
Proof. unfold pw. destruct (Rlt_dec 0 0); [lra|reflexivity]. Qed.
Lemma pw_pos x e : 0 < x -> 0 < pw x e.
Proof. intro H. rewrite pw_pos_eq by exact H. apply exp_pos. Qed.
Lemma pw_nonneg x e : 0 <= pw x e.
Proof. unfold pw. destruct (Rlt_dec 0 x); [left; apply exp_pos|lra]. Qed.
Lemma pw_1 e : pw 1 e = 1.
Proof. rewrite pw_pos_eq by lra. unfold Rpower. rewrite ln_1, Rmult_0_r. apply exp_0. Qed.
Lemma pw_e1 x : 0 <= x -> pw x 1 = x.
Proof. intros [H|<-]; [rewrite pw_pos_eq by exact H; now apply Rpower_1|apply pw_0]. Qed.
Lemma pw_mult x y e : 0 <= x -> 0 <= y -> pw (x * y) e = pw x e * pw y e.
Proof.
  intros [Hx|<-] [Hy|<-]; rewrite ?Rmult_0_r, ?Rmult_0_l, ?pw_0; try ring.
  rewrite !pw_pos_eq by nra. symmetry. now apply Rpower_mult_distr.
Qed.
Lemma pw_pw x b c : 0 <= x -> pw (pw x b) c = pw x (b * c).
Proof.
  intros [Hx|<-]; [|now rewrite !pw_0]. rewrite (pw_pos_eq (pw x b)) by now apply pw_pos.
  rewrite !pw_pos_eq by exact Hx. apply Rpower_mult.
Qed.
Lemma pw_le x y e : 0 <= e -> 0 <= x <= y -> pw x e <= pw y e.
Proof.
  intros He [[Hx|<-] H]; [|rewrite pw_0; apply pw_nonneg].
  rewrite !pw_pos_eq by lra. apply Rle_Rpower_l; lra.
Qed.
Lemma pw_lt x y e : 0 < e -> 0 <= x < y -> pw x e < pw y e.
Proof.
  intros He [[Hx|<-] H]; [|rewrite pw_0; apply pw_pos; lra].
  rewrite !pw_pos_eq by lra. unfold Rpower. apply exp_increasing, Rmult_lt_compat_l; [exact He|]. now apply ln_increasing.
Qed.
Lemma pw_le_inv x y e : 0 < e -> 0 <= x -> 0 <= y -> pw x e <= pw y e -> x <= y.
Proof. intros He Hx Hy H. apply Rnot_lt_le. intro. pose proof (pw_lt y x e He ltac:(lra)). lra. Qed.
Lemma pw_inv x e : 0 < x -> pw x (- e) = / pw x e.
Proof. intro H. rewrite !pw_pos_eq by exact H. apply Rpower_Ropp. Qed.
Lemma pw_div x y e : 0 <= x -> 0 < y -> pw (x / y) e = pw x e / pw y e.
Proof.
  intros Hx Hy. unfold Rdiv. rewrite pw_mult; [|exact Hx|left; now apply Rinv_0_lt_compat]. f_equal.
  rewrite <- pw_inv by exact Hy. rewrite !pw_pos_eq by (try apply Rinv_0_lt_compat; exact Hy).
  unfold Rpower. rewrite ln_Rinv by exact Hy. f_equal. ring.
Qed.
Lemma ln_pw x e : 0 < x -> ln (pw x e) = e * ln x.
Proof. intro H. rewrite pw_pos_eq by exact H. unfold Rpower. apply ln_exp. Qed.

(** * Elementary inequalities. *)
Lemma ln_mono x y : 0 < x -> x <= y -> ln x <= ln y.
Proof. intros Hx [H| ->]; [left; now apply ln_increasing|lra]. Qed.
Lemma exp_mono x y : x <= y -> exp x <= exp y.
Proof. intros [H| ->]; [left; now apply exp_increasing|lra]. Qed.
Lemma exp_le_ln x y : 0 < y -> exp x <= y -> x <= ln y.
Proof. intros Hy H. rewrite <- (ln_exp x). apply ln_mono; [apply exp_pos|exact H]. Qed.
Lemma exp_ge1 x : 1 + x <= exp x.
Proof. destruct (Req_dec x 0) as [-> |N]; [rewrite exp_0; lra|left; now apply exp_ineq1]. Qed.
Lemma ln1p_le x : -1 < x -> ln (1 + x) <= x.
Proof. intro H. rewrite <- (ln_exp x) at 2. apply ln_mono; [lra|apply exp_ge1]. Qed.
Lemma ln1p_pos x : 0 < x -> 0 < ln (1 + x).
Proof. intro H. rewrite <- ln_1. apply ln_increasing; lra. Qed.
Lemma exp_pow e k : exp (INR k * e) = exp e ^ k.
Proof. induction k; [simpl; rewrite Rmult_0_l; apply exp_0|]. rewrite S_INR, Rmult_plus_distr_r, exp_plus, IHk, Rmult_1_l. simpl. ring. Qed.
Lemma ln_tangent z sig : 0 < z -> 0 < sig -> ln z <= z / sig + ln sig - 1.
Proof.
  intros Hz Hs. pose proof (ln1p_le (z / sig - 1)) as H. replace (1 + (z / sig - 1)) with (z / sig) in H by ring.
  assert (P : 0 < z / sig) by now apply Rdiv_lt_0_compat. specialize (H ltac:(lra)).
  unfold Rdiv in H at 1. rewrite ln_mult, ln_Rinv in H by (try apply Rinv_0_lt_compat; assumption). lra.
Qed.
Lemma exp_minus1_le x : 0 <= x <= / 2 -> exp x - 1 <= 2 * x.
Proof.
  intros [H0 H]. pose proof (exp_ge1 (- x)) as P. rewrite exp_Ropp in P. pose proof (exp_pos x) as Q.
  assert (exp x * (1 - x) <= 1).
  { apply Rmult_le_compat_l with (r := exp x) in P; [|lra]. rewrite Rinv_r in P by lra. lra. }
  assert (1 <= exp x) by (rewrite <- exp_0; now apply exp_mono). nra.
Qed.
Lemma ln2_pos : 0 < ln 2. Proof. rewrite <- ln_1. apply ln_increasing; lra. Qed.
Ltac pos := match goal with
  | |- 0 < _ * _ => apply Rmult_lt_0_compat; pos | |- 0 < _ / _ => apply Rdiv_lt_0_compat; pos
  | |- 0 < / _ => apply Rinv_0_lt_compat; pos | |- 0 < exp _ => apply exp_pos | |- _ => lra end.

