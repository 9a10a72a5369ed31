(** * Hoeffding's lemma and the inequality of McDiarmid (steps 1 and 2 of Theorem C.1) *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Sums Elementary FiniteLaws.
Import ListNotations.
Open Scope R_scope.

Lemma tilted_coin p h : 0 <= p <= 1 -> 0 <= h -> p * exp h / (1 - p + p * exp h) <= p + h / 4.
Proof.
  intros Hp [Hh|<-]; [|rewrite exp_0; right; field; lra].
  assert (D : forall x, 0 < 1 - p + p * exp x) by (intro x; pose proof (exp_pos x);
    destruct (Req_dec p 1) as [->|]; nra).
  destruct (MVT_cor2 (fun x => x / 4 - p * exp x / (1 - p + p * exp x)) (fun x => / 4 - (p * exp x)
    * (1 - p) / (1 - p + p * exp x) ^ 2) 0 h Hh) as (c & E & _).
  { intros c _. apply is_derive_Reals. pose proof (D c). auto_derive; [lra|]. field. lra. }
  cbv beta in E. rewrite exp_0 in E. replace (p * 1 / (1 - p + p * 1)) with p in E by (field; lra).
  assert (Q : (p * exp c) * (1 - p) / (1 - p + p * exp c) ^ 2 <= / 4).
  { pose proof (D c) as Dc. pose proof (exp_pos c). set (t :=
      p * exp c) in *. assert (0 < (1 - p + t) ^ 2) by now apply pow_lt.
    apply Rmult_le_reg_r with ((1 - p + t) ^ 2); [assumption|]. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l by lra. pose proof (pow2_ge_0 (1 - p - t)). nra. }
  assert (0 <= (/ 4 - (p * exp c) * (1 - p) / (1 - p + p * exp c) ^ 2) * (h - 0))
    by (apply Rmult_le_pos; lra). lra.
Qed.
Lemma coin_pos p h : 0 <= p <= 1 -> 0 <= h -> 1 - p + p * exp h <= exp (p * h + h ^ 2 / 8).
Proof.
  intros Hp [Hh|<-]; [|rewrite exp_0; apply Rle_trans with (2 := exp_ge1 _); lra].
  assert (D : forall x, 0 < 1 - p + p * exp x) by (intro x; pose proof (exp_pos x);
    destruct (Req_dec p 1) as [->|]; nra).
  destruct (MVT_cor2 (fun x => p * x + x ^ 2 / 8 - ln (1 - p + p * exp x)) (fun x => p + x / 4 - p
    * exp x / (1 - p + p * exp x)) 0 h Hh) as (c & E & Hc).
  { intros c _. apply is_derive_Reals. pose proof (D c). auto_derive; [lra|]. field. lra. }
  cbv beta in E. rewrite exp_0 in E. replace (1 - p + p * 1) with 1 in E by ring. rewrite ln_1 in E.
  pose proof (tilted_coin p c Hp ltac:(lra)).
  assert (0 <= (p + c / 4 - p * exp c / (1 - p + p * exp c)) * (h - 0)) by (apply Rmult_le_pos; lra).
  rewrite <- (exp_ln (1 - p + p * exp h)) by apply D. apply exp_mono.
  replace (0 ^ 2 / 8) with 0 in E by field. lra.
Qed.
Lemma coin p h : 0 <= p <= 1 -> 1 - p + p * exp h <= exp (p * h + h ^ 2 / 8).
Proof.
  intro Hp. destruct (Rle_or_lt 0 h) as [H|H]; [now apply coin_pos|].
  pose proof (coin_pos (1 - p) (- h) ltac:(lra) ltac:(lra)) as Q.
  apply Rmult_le_compat_l with (r := exp h) in Q; [|left; apply exp_pos].
  rewrite <- exp_plus in Q. replace (h + ((1 - p) * - h + (- h) ^ 2 / 8)) with (p * h + h ^ 2 / 8) in Q
    by field.
  apply Rle_trans with (2 := Q). right. replace (1 - (1 - p)) with p by ring.
  assert (exp h * exp (- h) = 1) by (rewrite <- exp_plus, Rplus_opp_r; apply exp_0). nra.
Qed.
Lemma chord c t : 0 <= t <= c -> 0 < c -> forall u, exp (u * t) <= 1 - t / c + t / c * exp (u * c).
Proof.
  intros Ht Hc u. set (w := u * t).
  assert (T : forall v, exp w * (1 + (v - w)) <= exp v).
  { intro v. pose proof (exp_ge1 (v - w)) as H. pose proof (exp_pos w). apply Rmult_le_compat_l with (r :=
      exp w) in H; [|lra].
    rewrite <- exp_plus in H. replace (w + (v - w)) with v in H by ring. exact H. }
  assert (L : 0 <= t / c <= 1).
  { split; [apply Rmult_le_pos; [lra|left; now apply Rinv_0_lt_compat]|].
      apply Rmult_le_reg_r with c; [exact Hc|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  pose proof (T 0) as T0. rewrite exp_0 in T0. pose proof (T (u * c)) as T1.
  apply Rmult_le_compat_l with (r := 1 - t / c) in T0; [|lra].
  apply Rmult_le_compat_l with (r := t / c) in T1; [|lra].
  assert (Z : (1 - t / c) * (exp w * (1 + (0 - w))) + t / c * (exp w * (1 + (u * c - w))) = exp w)
    by (unfold w; field; lra). lra.
Qed.
(** V lies in an interval of length c *)
Theorem Hoeffding_lemma {A} (P : law A) (V : A -> R) u a c : is_law P ->
  (forall z, atom P z -> a <= V z <= a + c) ->
  expect P (fun z => exp (u * V z)) <= exp (u * expect P V + u ^ 2 * c ^ 2 / 8).
Proof.
  intros L H. destruct (law_atom P L) as (z1 & Hz1). pose proof (H z1 Hz1) as H1.
  assert (C0 : 0 <= c) by lra. clear z1 Hz1 H1.
  assert (M : a <= expect P V <= a + c).
  { split; [rewrite <- (expect_const P a L)|rewrite <- (expect_const P (a + c) L)];
      (apply expect_le; [exact L|]); intros z Hz; now apply H. }
  destruct C0 as [C0|C0].
  - set (p := (expect P V - a) / c).
    assert (Hp : 0 <= p <= 1).
    { unfold p. split; [apply Rmult_le_pos; [lra|left; now apply Rinv_0_lt_compat]|].
        apply Rmult_le_reg_r with c; [exact C0|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
    apply Rle_trans with (exp (u * a) * (1 - p + p * exp (u * c))).
    + apply Rle_trans with (expect P (fun z => exp (u * a)
        * ((1 + a / c - a / c * exp (u * c)) + (exp (u * c) - 1) / c * V z))).
      * apply expect_le; [exact L|]. intros z Hz. specialize (H z Hz).
        replace (u * V z) with (u * a + u * (V z - a)) by ring. rewrite exp_plus.
        apply Rmult_le_compat_l; [left; apply exp_pos|].
        apply Rle_trans with (1 := chord c (V z - a) ltac:(lra) C0 u). right. field. lra.
      * right. rewrite expect_scal. f_equal. rewrite expect_plus, expect_scal, expect_const by exact L.
        unfold p. field. lra.
    + apply Rle_trans with (exp (u * a) * exp (p * (u * c) + (u * c) ^ 2 / 8));
        [apply Rmult_le_compat_l; [left; apply exp_pos|now apply coin]|].
      rewrite <- exp_plus. apply exp_mono. right. unfold p. field. lra.
  - subst c. apply Rle_trans with (expect P (fun _ => exp (u * a))).
    + apply expect_le; [exact L|]. intros z Hz. specialize (H z Hz). right. f_equal. f_equal. lra.
    + rewrite expect_const by exact L. apply exp_mono. right. replace (expect P V) with a by lra. field.
Qed.
Lemma least_value {A} (P : law A) (V : A -> R) c : is_law P ->
  (forall z z', atom P z -> atom P z' -> V z - V z' <= c) -> exists a, forall z, atom P z ->
  a <= V z <= a + c.
Proof.
  intros L H. assert (M : forall P' : law A, (forall w z, In (w, z) P' -> In (w, z) P) ->
    (exists z, atom P' z) -> exists z, atom P z /\ forall z', atom P' z' -> V z <= V z').
  { induction P' as [|[w z] P' IH]; intros I (z0 & w0 & Hw0 & I0); [destruct I0|].
    destruct (classic (exists z, atom P' z)) as [Ex|No].
    - destruct IH as (y & Hy & My); [intros; apply I; now right|exact Ex|]. destruct (Rlt_dec 0 w) as [Pw|Nw].
      + destruct (Rle_or_lt (V y) (V z)) as [Le|Lt].
        * exists y. split; [exact Hy|]. intros z' (v & Hv & [E|I']);
            [injection E as _ <-; exact Le|apply My; now exists v].
        * exists z. split; [exists w; split; [exact Pw|apply I; now left]|].
          intros z' (v & Hv & [E|I']); [injection E as _ <-; lra|].
          assert (V y <= V z') by (apply My; now exists v). lra.
      + exists y. split; [exact Hy|]. intros z' (v & Hv & [E|I']); [injection E as ->
          _; contradiction|apply My; now exists v].
    - exists z0. split; [exists w0; split; [exact Hw0|apply I; exact I0]|]. intros z' (v & Hv & [E|I']).
      + destruct I0 as [E0|I0]; [|exfalso; apply No; now exists z0, w0]. injection E as _ <-.
        injection E0 as _ <-. lra.
      + exfalso. apply No. now exists z', v. }
  destruct (M P (fun w z I => I) (law_atom P L)) as (z & Hz & Mz). exists (V z). intros z' Hz'.
  split; [now apply Mz|]. pose proof (H z' z Hz' Hz). lra.
Qed.

(** ** McDiarmid: functions of independent examples that change little with one example *)
Definition put {A} (s : nat -> A) (i : nat) (z : A) : nat -> A := fun j => if Nat.eq_dec j i then z else s j.
Definition bounded_differences {A} (n : nat) (F : (nat -> A) -> R) (c : nat -> R) :=
  forall s i z, (i < n)%nat -> Rabs (F (put s i z) - F s) <= c i.
Section McDiarmid.
Context {A : Type}.
Variable filler : A.
Lemma put_glue_S (z : A) s i x : put (glue z s) (S i) x = glue z (put s i x).
Proof. apply functional_extensionality. intro j. unfold put, glue. destruct j as [|j]; [reflexivity|].
destruct (Nat.eq_dec j i), (Nat.eq_dec (S j) (S i)); try reflexivity; lia. Qed.
Lemma put_glue_0 (z x : A) s : put (glue z s) 0 x = glue x s.
Proof. apply functional_extensionality. intro j. unfold put, glue. now destruct j. Qed.
Theorem McDiarmid_moment n u : forall (P : nat -> law A) F c, (forall i, is_law (P i)) ->
  bounded_differences n F c ->
  expect (product filler n P) (fun s => exp (u * F s))
    <= exp (u * expect (product filler n P) F + u ^ 2 * sum n (fun i => c i ^ 2) / 8).
Proof.
  induction n as [|n IH]; intros P F c L B; [right; simpl; rewrite !Rmult_1_l, !Rplus_0_r; f_equal; field|].
  rewrite !expect_product. set (Q := product filler n (fun i => P (S i))).
  assert (LQ : is_law Q) by (apply product_law; intro; apply L).
  set (m := fun z => expect Q (fun s => F (glue z s))). rewrite sum_first.
  set (T := sum n (fun i => c (S i) ^ 2)).
  apply Rle_trans with (expect (P O) (fun z => exp (u ^ 2 * T / 8) * exp (u * m z))).
  - apply expect_le; [apply L|]. intros z _. rewrite <- exp_plus, Rplus_comm.
    apply (IH (fun i => P (S i)) (fun s => F (glue z s)) (fun i => c (S i)) (fun i => L (S i))).
    intros s i x Hi. rewrite <- put_glue_S. apply B. lia.
  - rewrite expect_scal. destruct (least_value (P O) m (c O) (L O)) as (a & Ha).
    { intros z z' _ _. assert (m z <= c O + m z'); [|lra].
        unfold m. rewrite <- (expect_const Q (c O) LQ), <- expect_plus. apply expect_le; [exact LQ|].
      intros s _.
      pose proof (B (glue z' s) O z ltac:(lia)) as D. rewrite put_glue_0 in D. apply Rabs_le_between in D.
      lra. }
    pose proof (Hoeffding_lemma (P O) m u a (c O) (L O) Ha) as H.
    apply Rle_trans with (exp (u ^ 2 * T / 8) * exp (u * expect (P O) m + u ^ 2 * c O ^ 2 / 8));
      [apply Rmult_le_compat_l; [left; apply exp_pos|exact H]|].
    rewrite <- exp_plus. apply exp_mono. right. field.
Qed.
Theorem McDiarmid n P F c t : (forall i, is_law (P i)) -> bounded_differences n F c ->
  0 < sum n (fun i => c i ^ 2) -> 0 <= t ->
  Pr (product filler n P) (fun s => F s - expect (product filler n P) F >= t)
    <= exp (- (2 * t ^ 2 / sum n (fun i => c i ^ 2))).
Proof.
  intros L B Pos Ht. set (Q := product filler n P). assert (LQ : is_law Q) by now apply product_law.
  set (C := sum n (fun i => c i ^ 2)) in *. set (m := expect Q F).
  set (u := 4 * t / C). assert (U0 : 0 <= u) by (unfold u; apply Rmult_le_pos;
    [lra|left; now apply Rinv_0_lt_compat]).
  apply Rle_trans with (expect Q (fun s => exp (- (u * (m + t))) * exp (u * F s))).
  - apply expect_le; [exact LQ|]. intros s _. rewrite <- exp_plus.
    destruct (decide _) as [D|]; [|left; apply exp_pos].
    apply Rle_trans with (exp 0); [rewrite exp_0; lra|]. apply exp_mono.
    assert (0 <= u * (F s - m - t)) by (apply Rmult_le_pos; lra). lra.
  - rewrite expect_scal. pose proof (McDiarmid_moment n u P F c L B) as Q1. fold Q C m in Q1.
    apply Rle_trans with (exp (- (u * (m + t))) * exp (u * m + u ^ 2 * C / 8));
      [apply Rmult_le_compat_l; [left; apply exp_pos|exact Q1]|].
    rewrite <- exp_plus. apply exp_mono. right. unfold u. field. lra.
Qed.
End McDiarmid.
