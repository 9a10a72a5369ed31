(** * Real powers and elementary inequalities *)
From Coq Require Import Reals Lra Lia Psatz.
From Coquelicot Require Import Coquelicot.
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
  rewrite !pw_pos_eq by lra. unfold Rpower. apply exp_increasing, Rmult_lt_compat_l; [exact He|].
  now apply ln_increasing.
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
Proof. induction k; [simpl; rewrite Rmult_0_l; apply exp_0|].
rewrite S_INR, Rmult_plus_distr_r, exp_plus, IHk, Rmult_1_l. simpl. ring. Qed.
Lemma ln_tangent z sig : 0 < z -> 0 < sig -> ln z <= z / sig + ln sig - 1.
Proof.
  intros Hz Hs. pose proof (ln1p_le (z / sig - 1)) as H.
  replace (1 + (z / sig - 1)) with (z / sig) in H by ring.
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
(* AM-GM from ln x <= x - 1 *)
Lemma ln_le_minus1 x : 0 < x -> ln x <= x - 1.
Proof.
  intro H. destruct (Req_dec x 1) as [->|N]; [rewrite ln_1; lra|].
  left. rewrite <- (ln_exp (x - 1)). apply ln_increasing; [exact H|].
  pose proof (exp_ineq1 (x - 1) ltac:(lra)). lra.
Qed.
Lemma ln_prod k c : (forall i, (i < k)%nat -> 0 < c i) -> ln (prod k c) = sum k (fun i => ln (c i)).
Proof.
  induction k as [|k IH]; intro H; simpl; [apply ln_1|].
  rewrite ln_mult; [rewrite IH; [reflexivity|intros; apply H; lia]|apply prod_pos; intros; apply H;
    lia|apply H; lia].
Qed.
Lemma AM_GM K c : (1 <= K)%nat -> (forall i, (i < K)%nat -> 0 < c i) -> prod K c <= (sum K c / INR K) ^ K.
Proof.
  intros HK H. assert (N0 : 0 < INR K) by (apply lt_0_INR; lia).
  assert (S0 : 0 < sum K c).
  { apply Rlt_le_trans with (c O); [apply H; lia|]. apply sum_term; [lia|]. intros. left. now apply H. }
  set (A := sum K c / INR K). assert (A0 : 0 < A) by now apply Rdiv_lt_0_compat.
  assert (E : ln (prod K c) <= ln (A ^ K)).
  { rewrite ln_prod by exact H. rewrite ln_pow by exact A0.
    assert (Q : sum K (fun i => ln (c i)) <= sum K (fun i => / A * c i + (ln A - 1))).
    { apply sum_le. intros i Hi. pose proof (H i Hi)
        as Hc. pose proof (ln_le_minus1 (c i / A) ltac:(now apply Rdiv_lt_0_compat)) as Q.
      unfold Rdiv in Q. rewrite ln_mult, ln_Rinv in Q by (try apply Rinv_0_lt_compat; assumption). lra. }
    rewrite sum_plus, sum_scal, sum_const in Q.
    replace (/ A * sum K c) with (INR K) in Q by (unfold A; field; lra). lra. }
  pose proof (prod_pos K c H). destruct E as [E|E].
  - left. apply ln_lt_inv; [assumption|now apply pow_lt|exact E].
  - right. apply ln_inv; [assumption|now apply pow_lt|exact E].
Qed.

Lemma exp_tangent u w : exp w * (1 + (u - w)) <= exp u.
Proof.
  pose proof (exp_ge1 (u - w)) as H. pose proof (exp_pos w).
  apply Rmult_le_compat_l with (r := exp w) in H; [|lra].
  rewrite <- exp_plus in H. replace (w + (u - w)) with u in H by ring. exact H.
Qed.
Lemma exp_convex c u v : 0 <= c <= 1 -> exp (c * u + (1 - c) * v) <= c * exp u + (1 - c) * exp v.
Proof.
  intros [H0 H1]. set (w := c * u + (1 - c) * v).
  pose proof (Rmult_le_compat_l c _ _ H0 (exp_tangent u w)).
  pose proof (Rmult_le_compat_l (1 - c) _ _ ltac:(lra) (exp_tangent v w)).
  assert (c * (exp w * (1 + (u - w))) + (1 - c) * (exp w * (1 + (v - w))) = exp w) by (unfold w; ring). lra.
Qed.

(** cosh x <= exp (x^2/2) *)
Lemma tanh_le x : 0 <= x -> exp x - exp (- x) <= x * (exp x + exp (- x)).
Proof.
  intros [Hx|<-]; [|rewrite Ropp_0, exp_0; lra].
  destruct (MVT_cor2 (fun x => x * (exp x + exp (- x)) - (exp x - exp (- x))) (fun x => x
    * (exp x - exp (- x))) 0 x Hx) as (c & E1 & Hc).
  { intros c _. apply is_derive_Reals. auto_derive; [exact I|]. ring. }
  rewrite Ropp_0, exp_0 in E1. pose proof (exp_mono (- c) c ltac:(lra)).
  assert (0 <= c * (exp c - exp (- c)) * (x - 0)) by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra). lra.
Qed.
Lemma cosh_pos x : 0 <= x -> exp x + exp (- x) <= 2 * exp (x ^ 2 / 2).
Proof.
  intros [Hx|<-]; [|replace (0 ^ 2 / 2) with 0 by field; rewrite Ropp_0, exp_0; lra].
  destruct (MVT_cor2 (fun x => (exp x + exp (- x)) * exp (- (x ^ 2 / 2))) (fun x => exp (- (x ^ 2 / 2))
    * ((exp x - exp (- x)) - x * (exp x + exp (- x)))) 0 x Hx) as (c & E1 & Hc).
  { intros c _. apply is_derive_Reals. auto_derive; [exact I|].
      simpl. replace (c * (c * 1) * / 2) with (c * (c * 1) / 2) by (unfold Rdiv; ring). field. }
  cbv beta in E1. replace (0 ^ 2 / 2) with 0 in E1 by field. rewrite !Ropp_0, !exp_0 in E1.
  pose proof (tanh_le c ltac:(lra)). pose proof (exp_pos (- (c ^ 2 / 2))).
  pose proof (exp_pos (x ^ 2 / 2)) as P.
  assert (0 <= exp (- (c ^ 2 / 2)) * (c * (exp c + exp (- c)) - (exp c - exp (- c))) * (x - 0))
    by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra).
  assert (B : (exp x + exp (- x)) * exp (- (x ^ 2 / 2)) <= 2) by lra.
  apply Rmult_le_compat_r with (r := exp (x ^ 2 / 2)) in B; [|lra]. rewrite Rmult_assoc, <- exp_plus in B.
  replace (- (x ^ 2 / 2) + x ^ 2 / 2) with 0 in B by ring. rewrite exp_0 in B. lra.
Qed.
Lemma cosh_le x : exp x + exp (- x) <= 2 * exp (x ^ 2 / 2).
Proof.
  destruct (Rle_or_lt 0 x) as [H|H]; [now apply cosh_pos|]. pose proof (cosh_pos (- x) ltac:(lra)) as Q.
  rewrite Ropp_involutive in Q. replace ((- x) ^ 2) with (x ^ 2) in Q by ring. lra.
Qed.

Lemma sqrt_sum u v : 0 <= u -> 0 <= v -> sqrt (u + v) <= sqrt u + sqrt v.
Proof.
  intros Hu Hv. pose proof (sqrt_pos u). pose proof (sqrt_pos v). apply Rsqr_incr_0_var; [|lra].
  rewrite Rsqr_sqrt by lra. unfold Rsqr.
  pose proof (sqrt_sqrt u Hu). pose proof (sqrt_sqrt v Hv). nra.
Qed.
Ltac pos := match goal with
  | |- 0 < _ * _ => apply Rmult_lt_0_compat; pos | |- 0 < _ / _ => apply Rdiv_lt_0_compat; pos
  | |- 0 < / _ => apply Rinv_0_lt_compat; pos | |- 0 < exp _ => apply exp_pos | |- _ => lra end.

