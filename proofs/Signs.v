(** * Expectation over n independent fair signs *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Sums Elementary.
Import ListNotations.
Open Scope R_scope.

(** The list of all vectors of n signs. *)
Fixpoint signs (n : nat) : list (list R) :=
  match n with O => [[]] | S k => map (cons 1) (signs k) ++ map (cons (- (1))) (signs k) end.
Lemma in_signs_S n e : In e (signs (S n)) <-> exists s e', (s = 1 \/ s = - (1)) /\ e = s :: e' /\
  In e' (signs n).
Proof.
  simpl. rewrite in_app_iff, !in_map_iff. split.
  - intros [(e' & <- & I)|(e' & <- & I)]; eauto 10.
  - intros (s & e' & [-> | ->] & -> & I); eauto.
Qed.
Lemma E_le n F G : (forall e, In e (signs n) -> F e <= G e) -> E n F <= E n G.
Proof.
  revert F G. induction n as [|n IH]; intros F G H; [apply H; now left|]. cbn [E].
  assert (E n (fun e => F (1 :: e)) <= E n (fun e => G (1 :: e)))
    by (apply IH; intros; apply H, in_signs_S; eauto 10).
  assert (E n (fun e => F (- (1) :: e)) <= E n (fun e => G (- (1) :: e)))
    by (apply IH; intros; apply H, in_signs_S; eauto 10). lra.
Qed.
Lemma E_ext n F G : (forall e, In e (signs n) -> F e = G e) -> E n F = E n G.
Proof. intro H. apply Rle_antisym; apply E_le; intros e I; rewrite H by exact I; lra. Qed.
Lemma E_plus n F G : E n (fun e => F e + G e) = E n F + E n G.
Proof. revert F G. induction n as [|n IH]; intros F G; cbn [E]; [reflexivity|]. rewrite !IH. field. Qed.
Lemma E_scal n c F : E n (fun e => c * F e) = c * E n F.
Proof. revert F. induction n as [|n IH]; intro F; cbn [E]; [reflexivity|]. rewrite !IH. field. Qed.
Lemma E_opp n F : E n (fun e => F (map Ropp e)) = E n F.
Proof.
  revert F. induction n as [|n IH]; intro F; cbn [E map]; [reflexivity|]. rewrite Ropp_involutive.
  rewrite (IH (fun e => F (- (1) :: e))), (IH (fun e => F (1 :: e))). field.
Qed.
Lemma opp_opp (e : list R) : map Ropp (map Ropp e) = e.
Proof. rewrite map_map. rewrite <- (map_id e) at 2. apply map_ext. apply Ropp_involutive. Qed.

(** ** Signed sums *)
Lemma signed_sum_ext e : forall v w, (forall i, v i = w i) -> signed_sum e v = signed_sum e w.
Proof. induction e as [|s e IH]; intros v w H; simpl; [reflexivity|].
rewrite H, (IH _ (fun i => w (S i))); [reflexivity|intro; apply H]. Qed.
Lemma signed_sum_scal e c : forall v, signed_sum e (fun i => c * v i) = c * signed_sum e v.
Proof. induction e as [|s e IH]; intro v; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma signed_sum_opp e : forall v, signed_sum (map Ropp e) v = - signed_sum e v.
Proof. induction e as [|s e IH]; intro v; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma signed_sum_plus e : forall v w, signed_sum e (fun i => v i + w i) = signed_sum e v + signed_sum e w.
Proof. induction e as [|s e IH]; intros v w; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma signed_sum_sum e m : forall v : nat -> nat ->
  R, signed_sum e (fun i => sum m (fun j => v i j)) = sum m (fun j => signed_sum e (fun i => v i j)).
Proof.
  induction m as [|m IH]; intro v; simpl.
  - rewrite (signed_sum_ext e _ (fun _ => 0 * 0)) by (intro; ring). rewrite signed_sum_scal. ring.
  - rewrite signed_sum_plus, IH. reflexivity.
Qed.

Lemma signed_sum_ext_n n : forall e v w, In e (signs n) -> (forall i, (i < n)%nat -> v i = w i) ->
  signed_sum e v = signed_sum e w.
Proof.
  induction n as [|n IH]; intros e v w I H; [destruct I as [<-|[]]; reflexivity|].
  apply in_signs_S in I as (s & e' & _ & -> & I). cbn [signed_sum].
  rewrite (H O), (IH e' _ (fun i => w (S i)) I) by (intros; try apply H; lia). reflexivity.
Qed.
Lemma signed_sum_bound n B : forall e v, In e (signs n) -> (forall i, (i < n)%nat -> Rabs (v i) <= B) ->
  Rabs (signed_sum e v) <= INR n * B.
Proof.
  induction n as [|n IH]; intros e v I H; [destruct I as [<-|[]]; simpl; rewrite Rabs_R0; lra|].
  apply in_signs_S in I as (s & e' & Hs & -> & I). cbn [signed_sum].
  apply Rle_trans with (1 := Rabs_triang _ _).
  pose proof (IH e' (fun i => v (S i)) I ltac:(intros; apply H; lia)). rewrite S_INR, Rabs_mult.
  assert (Rabs s = 1) as -> by (destruct Hs as [-> | ->];
    [apply Rabs_R1|rewrite Rabs_Ropp; apply Rabs_R1]). pose proof (H O ltac:(lia)). lra.
Qed.
Lemma finite_choice {A B} (dec : forall x z : A, {x = z} + {x <> z}) (b0 : B) (l : list A) (Q : A -> B ->
  Prop) :
  (forall x, In x l -> exists b, Q x b) -> exists F, forall x, In x l -> Q x (F x).
Proof.
  induction l as [|x l IH]; intro H; [exists (fun _ => b0); intros x []|].
  destruct IH as (F & HF); [intros; apply H; now right|]. destruct (H x (or_introl eq_refl)) as (b & Hb).
  exists (fun z => if dec z x then b else F z). intros z I.
  destruct (dec z x) as [EQ|N]; [rewrite EQ; exact Hb|].
  destruct I as [EQ|I]; [now destruct N|now apply HF].
Qed.

(** ** Jensen and bounded differences *)
Lemma E_const n c : E n (fun _ => c) = c.
Proof. induction n; simpl; [reflexivity|rewrite IHn; field]. Qed.
Lemma Jensen_exp n mu F : 0 < mu -> E n F <= / mu * ln (E n (fun e => exp (mu * F e))).
Proof.
  intro Hm. set (w := mu * E n F).
  assert (J : exp w <= E n (fun e => exp (mu * F e))).
  { apply Rle_trans with (E n (fun e => exp w * (1 - w) + exp w * mu * F e)).
    - rewrite E_plus, E_const, E_scal. right. unfold w. ring.
    - apply E_le. intros e _. pose proof (exp_tangent (mu * F e) w). lra. }
  pose proof (exp_pos w). apply Rmult_le_reg_l with mu; [exact Hm|].
  rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra. fold w.
  rewrite <- (ln_exp w). destruct J as [J|J]; [left; now apply ln_increasing|rewrite J; lra].
Qed.

Fixpoint differences_of_signs (n : nat) (F : list R -> R) (b : nat -> R) : Prop :=
  match n with O => True | S k => (forall e, Rabs (F (1 :: e) - F (- (1) :: e)) <= 2 * b O) /\
    differences_of_signs k (fun e => F (1 :: e)) (fun i => b (S i)) /\
      differences_of_signs k (fun e => F (- (1) :: e)) (fun i => b (S i)) end.
Lemma McDiarmid_signs t n : forall F b, differences_of_signs n F b ->
  E n (fun e => exp (t * F e)) <= exp (t * E n F + t ^ 2 * sum n (fun i => b i ^ 2) / 2).
Proof.
  induction n as [|n IH]; intros F b H; [right; simpl; f_equal; field|].
  destruct H as (H0 & Hp & Hm). specialize (IH _ _ Hp) as Ip. specialize (IH _ _ Hm) as Im.
  rewrite sum_first. cbn [E].
  set (p := E n (fun e => F (1 :: e))) in *. set (m := E n (fun e => F (- (1) :: e))) in *.
  set (Q := sum n (fun i => b (S i) ^ 2)) in *.
  assert (D : Rabs (p - m) <= 2 * b O).
  { assert (p - m <= 2 * b O).
    { assert (E n (fun e => F (1 :: e)) <= E n (fun e => F (- (1) :: e) + 2 * b O))
        by (apply E_le; intros e _; specialize (H0 e); apply Rabs_le_between in H0; lra).
      rewrite E_plus in H. assert (C : forall k c, E k (fun _ => c) = c)
        by (intros k c; induction k; simpl; [reflexivity|rewrite IHk; field]). rewrite C in H. unfold p, m.
      lra. }
    assert (m - p <= 2 * b O).
    { assert (E n (fun e => F (- (1) :: e)) <= E n (fun e => F (1 :: e) + 2 * b O))
        by (apply E_le; intros e _; specialize (H0 e); apply Rabs_le_between in H0; lra).
      rewrite E_plus in H1. assert (C : forall k c, E k (fun _ => c) = c)
        by (intros k c; induction k; simpl; [reflexivity|rewrite IHk; field]). rewrite C in H1.
      unfold p, m. lra. }
    apply Rabs_le_between. lra. }
  set (x := t * (p - m) / 2). pose proof (cosh_le x) as Ch.
  assert (X2 : x ^ 2 <= t ^ 2 * b O ^ 2).
  { unfold x. replace ((t * (p - m) / 2) ^ 2) with (t ^ 2 * ((p - m) / 2) ^ 2)
      by field. apply Rmult_le_compat_l; [apply pow2_ge_0|].
    rewrite <- (pow2_abs ((p - m) / 2)). apply pow_incr. split; [apply Rabs_pos|]. unfold Rdiv.
    rewrite Rabs_mult, (Rabs_pos_eq (/ 2)) by lra. lra. }
  apply Rle_trans with (exp (t * (p + m) / 2 + t ^ 2 * Q / 2) * ((exp x + exp (- x)) / 2)).
  - replace (exp (t * (p + m) / 2 + t ^ 2 * Q / 2) * ((exp x + exp (- x)) / 2))
      with ((exp (t * p + t ^ 2 * Q / 2) + exp (t * m + t ^ 2 * Q / 2)) / 2); [lra|].
    unfold Rdiv at 1. rewrite (Rmult_comm (exp (t * (p + m) / 2 + t ^ 2 * Q / 2))). unfold Rdiv at 3.
    rewrite Rmult_assoc, (Rmult_comm (/ 2)), <- Rmult_assoc. f_equal.
    rewrite Rmult_plus_distr_r, <- !exp_plus. f_equal; f_equal; unfold x; field.
  - apply Rle_trans with (exp (t * (p + m) / 2 + t ^ 2 * Q / 2) * exp (x ^ 2 / 2));
      [apply Rmult_le_compat_l; [left; apply exp_pos|lra]|].
    rewrite <- exp_plus. apply exp_mono. lra.
Qed.

(** ** The length of a random signed sum of vectors *)
Section SignedSum.
Variable d : nat.
Notation len := (len d).
Definition signed_length (x : nat -> nat -> R) (a : nat -> R) (e : list R) :=
  len (fun j => a j + signed_sum e (fun i => x i j)).
Lemma signed_length_bounded n : forall x a, differences_of_signs n (signed_length x a) (fun i => len (x i)).
Proof.
  induction n as [|n IH]; intros x a; [exact I|]. cbn [differences_of_signs]. split; [|split].
  - intro e. unfold signed_length. cbn [signed_sum]. set (y := fun j => signed_sum e (fun i => x (S i) j)).
    pose proof (len_triangle d (fun j => a j + (1 * x O j + y j)) (fun j => - (2) * x O j)) as A1.
    pose proof (len_triangle d (fun j => a j + (- (1) * x O j + y j)) (fun j => 2 * x O j)) as A2.
    rewrite len_scal in A1, A2. rewrite Rabs_Ropp in A1. rewrite (Rabs_pos_eq 2) in A1, A2 by lra.
    rewrite (len_ext d (fun j => a j + (1 * x O j + y j) + - (2) * x O j) (fun j => a j
      + (- (1) * x O j + y j))) in A1 by (intro; ring).
    rewrite (len_ext d (fun j => a j + (- (1) * x O j + y j) + 2 * x O j) (fun j => a j
      + (1 * x O j + y j))) in A2 by (intro; ring).
    apply Rabs_le_between. unfold y in *. lra.
  - pose proof (IH (fun i => x (S i)) (fun j => a j + 1 * x O j)) as Q.
    replace (fun e => signed_length x a (1 :: e))
      with (signed_length (fun i => x (S i)) (fun j => a j + 1 * x O j)); [exact Q|].
    apply FunctionalExtensionality.functional_extensionality. intro e. unfold signed_length. apply len_ext.
    intro j. cbn [signed_sum]. ring.
  - pose proof (IH (fun i => x (S i)) (fun j => a j + - (1) * x O j)) as Q.
    replace (fun e => signed_length x a (- (1) :: e))
      with (signed_length (fun i => x (S i)) (fun j => a j + - (1) * x O j)); [exact Q|].
    apply FunctionalExtensionality.functional_extensionality. intro e. unfold signed_length. apply len_ext.
    intro j. cbn [signed_sum]. ring.
Qed.
(* E |a + sum e_i x_i|^2 = |a|^2 + sum |x_i|^2 *)
Lemma signed_length_second_moment n : forall x a, E n (fun e => signed_length x a e ^ 2) = sq d a
  + sum n (fun i => len (x i) ^ 2).
Proof.
  induction n as [|n IH]; intros x a.
  - cbn [E sum]. unfold signed_length. rewrite len_sq. cbn [signed_sum]. rewrite Rplus_0_r. unfold sq.
    apply sum_ext. intros. ring.
  - cbn [E]; rewrite ?sum_first.
    rewrite (E_ext n (fun e => signed_length x a (1 :: e) ^ 2)
      (fun e => signed_length (fun i => x (S i)) (fun j => a j + 1 * x O j) e ^ 2)).
    2:{ intros e _. f_equal. unfold signed_length. apply len_ext. intro j. cbn [signed_sum]. ring. }
    rewrite (E_ext n (fun e => signed_length x a (- (1) :: e) ^ 2)
      (fun e => signed_length (fun i => x (S i)) (fun j => a j + - (1) * x O j) e ^ 2)).
    2:{ intros e _. f_equal. unfold signed_length. apply len_ext. intro j. cbn [signed_sum]. ring. }
    rewrite !IH, !sq_add, !sq_scal, <- len_sq.
    assert (D1 : dot d a (fun j => 1 * x O j) = dot d a (x O)) by (apply sum_ext; intros; ring).
    assert (D2 : dot d a (fun j => - (1) * x O j) = - dot d a (x O)).
    { unfold dot. transitivity (-1 * sum d (fun j => a j * x O j));
        [rewrite <- sum_scal; apply sum_ext; intros; ring|ring]. }
    rewrite D1, D2, <- (len_sq d (x O)). field.
Qed.
Lemma signed_length_mean n x : E n (signed_length x (fun _ => 0)) <= sqrt (sum n (fun i => len (x i) ^ 2)).
Proof.
  set (Mn := E n (signed_length x (fun _ => 0))).
  assert (V : 0 <= E n (fun e => (signed_length x (fun _ => 0) e - Mn) ^ 2)).
  { apply Rle_trans with (E n (fun _ => 0)); [rewrite E_const; lra|apply E_le; intros; apply pow2_ge_0]. }
  rewrite (E_ext n _ (fun e => signed_length x (fun _ => 0) e ^ 2
    + (Mn ^ 2 + - (2 * Mn) * signed_length x (fun _ => 0) e))) in V by (intros; ring).
  rewrite E_plus, signed_length_second_moment, E_plus, E_const, E_scal in V. fold Mn in V.
  assert (Z : sq d (fun _ => 0) = 0) by (unfold sq; rewrite (sum_ext _ _ (fun _ => 0)) by (intros; ring);
    rewrite sum_const; ring).
  apply Rle_trans with (1 := Rle_abs _). rewrite <- sqrt_Rsqr_abs, Rsqr_pow2. apply sqrt_le_1_alt. lra.
Qed.
End SignedSum.
