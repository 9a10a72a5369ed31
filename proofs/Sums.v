(** * Finite sums, products, minima and maxima; the inner product of R^m *)
From Coq Require Import Reals Lra Lia List Psatz.
From MarginTheory Require Import Vocabulary.
Import ListNotations.
Open Scope R_scope.

(** ** Sums over i < m *)
Lemma sum_ext m g k : (forall i, (i < m)%nat -> g i = k i) -> sum m g = sum m k.
Proof. induction m; intro H; simpl; [reflexivity|]. rewrite IHm, H by (intros; try apply H; lia).
reflexivity. Qed.
Lemma sum_le m g k : (forall i, (i < m)%nat -> g i <= k i) -> sum m g <= sum m k.
Proof. induction m; intro H; simpl; [lra|]. apply Rplus_le_compat;
  [apply IHm; intros; apply H; lia|apply H; lia]. Qed.
Lemma sum_scal m c g : sum m (fun i => c * g i) = c * sum m g.
Proof. induction m; simpl; [ring|]. rewrite IHm. ring. Qed.
Lemma sum_plus m g k : sum m (fun i => g i + k i) = sum m g + sum m k.
Proof. induction m; simpl; [ring|]. rewrite IHm. ring. Qed.
Lemma sum_const m c : sum m (fun _ => c) = INR m * c.
Proof. induction m; [simpl; ring|]. cbn [sum]. rewrite IHm, S_INR. ring. Qed.
Lemma sum_nonneg m g : (forall i, (i < m)%nat -> 0 <= g i) -> 0 <= sum m g.
Proof. intro H. pose proof (sum_le m (fun _ => 0) g H) as Q. rewrite sum_const in Q. lra. Qed.
Lemma sum_term m g k : (k < m)%nat -> (forall i, (i < m)%nat -> 0 <= g i) -> g k <= sum m g.
Proof.
  induction m; intros Hk H; [lia|]. simpl. pose proof (sum_nonneg m g ltac:(intros; apply H; lia)).
  destruct (Nat.eq_dec k m) as [->|]; [lra|]. assert (g k <= sum m g)
    by (apply IHm; [lia|intros; apply H; lia]). pose proof (H m ltac:(lia)). lra.
Qed.
Lemma sum_pad m m' g : (m <= m')%nat -> (forall i, (m <= i)%nat -> g i = 0) -> sum m' g = sum m g.
Proof. intros H Z. induction H as [|m' H IH]; [reflexivity|]. simpl. rewrite IH, Z by lia. ring. Qed.
Lemma sum_first m g : sum (S m) g = g O + sum m (fun i => g (S i)).
Proof. induction m as [|m IH]; [simpl; ring|]. cbn [sum] in *. rewrite IH. ring. Qed.
Lemma sum_swap m k (g : nat -> nat -> R) : sum m (fun i => sum k (fun j => g i j))
  = sum k (fun j => sum m (fun i => g i j)).
Proof. induction m; simpl; [rewrite sum_const; ring|]. rewrite IHm, sum_plus. reflexivity. Qed.

(** ** Products *)
Lemma prod_nonneg k c : (forall i, (i < k)%nat -> 0 <= c i) -> 0 <= prod k c.
Proof. induction k; intro H; simpl; [lra|]. apply Rmult_le_pos;
  [apply IHk; intros; apply H; lia|apply H; lia]. Qed.
Lemma prod_pos k c : (forall i, (i < k)%nat -> 0 < c i) -> 0 < prod k c.
Proof. induction k; intro H; simpl; [lra|]. apply Rmult_lt_0_compat;
  [apply IHk; intros; apply H; lia|apply H; lia]. Qed.

Lemma prod_le k c d : (forall i, (i < k)%nat -> 0 <= c i <= d) -> prod k c <= d ^ k.
Proof.
  induction k as [|k IH]; intro H; simpl; [lra|]. rewrite Rmult_comm.
  apply Rmult_le_compat; [apply H; lia|apply prod_nonneg; intros; apply H; lia|apply H; lia|apply IH;
    intros; apply H; lia].
Qed.
Lemma prod_ext k c d : (forall i, (i < k)%nat -> c i = d i) -> prod k c = prod k d.
Proof. induction k; intro H; simpl; [reflexivity|]. rewrite IHk, H; [reflexivity|lia|intros; apply H; lia].
Qed.
Lemma prod_div k b c : (forall i, (i < k)%nat -> 0 < c i) -> prod k (fun i => b * / c i) = b ^ k / prod k c.
Proof.
  induction k as [|k IH]; intro H; simpl; [field|]. rewrite IH by (intros; apply H; lia). field.
  split; [apply Rgt_not_eq, H; lia|apply Rgt_not_eq, prod_pos; intros; apply H; lia].
Qed.
Lemma prod_sqrt k c : (forall i, (i < k)%nat -> 0 <= c i) -> prod k (fun i => sqrt (c i)) = sqrt (prod k c).
Proof. induction k; intro H; simpl; [now rewrite sqrt_1|]. rewrite IHk by (intros; apply H; lia).
rewrite sqrt_mult; [reflexivity|apply prod_nonneg; intros; apply H; lia|apply H; lia]. Qed.

(** ** Lists *)
Lemma Sum_le {A} (s : list A) g h : (forall x, In x s -> g x <= h x) -> Sum s g <= Sum s h.
Proof. induction s; simpl; intro H; [lra|]. apply Rplus_le_compat;
  [apply H; now left|apply IHs; intros; apply H; now right]. Qed.
Lemma Sum_ext {A} (s : list A) g h : (forall x, In x s -> g x = h x) -> Sum s g = Sum s h.
Proof. induction s; simpl; intro H; [reflexivity|].
rewrite H, IHs; [reflexivity|intros; apply H; now right|now left]. Qed.
Lemma Sum_const {A} (s : list A) c : Sum s (fun _ => c) = INR (length s) * c.
Proof. induction s; [simpl; ring|]. cbn [Sum fold_right length]. fold (Sum s (fun _ => c)).
rewrite IHs, S_INR. ring. Qed.
Lemma Sum_scale {A} (s : list A) c g : Sum s (fun x => c * g x) = c * Sum s g.
Proof. induction s; simpl; [ring|]. fold (Sum s (fun x => c * g x)) (Sum s g). rewrite IHs. ring. Qed.
Lemma Sum_nonneg {A} (s : list A) g : (forall x, In x s -> 0 <= g x) -> 0 <= Sum s g.
Proof. intro H. pose proof (Sum_le s (fun _ => 0) g H) as Q. rewrite Sum_const in Q. lra. Qed.
Lemma Sum_term {A} (s : list A) g x : (forall z, In z s -> 0 <= g z) -> In x s -> g x <= Sum s g.
Proof.
  intros H I. induction s as [|z s IH]; [easy|]. simpl. fold (Sum s g). destruct I as [->|I].
  - pose proof (Sum_nonneg s g (fun z hz => H z (or_intror hz))). lra.
  - pose proof (IH (fun z hz => H z (or_intror hz)) I). pose proof (H z (or_introl eq_refl)). lra.
Qed.
Lemma Minimum_le {A} (s : list A) g x : In x s -> Minimum s g <= g x.
Proof.
  destruct s as [|z s]; [easy|]. simpl. intro I. induction s as [|w s IH]; simpl.
  - destruct I as [->|[]]. lra.
  - destruct I as [->|[->|I]].
    + apply Rle_trans with (1 := Rmin_r _ _). apply IH. now left.
    + apply Rmin_l.
    + apply Rle_trans with (1 := Rmin_r _ _). apply IH. now right.
Qed.
Lemma Minimum_attained {A} (s : list A) g : s <> [] -> exists x, In x s /\ Minimum s g = g x.
Proof.
  destruct s as [|z s]; [easy|]. intros _. simpl. induction s as [|w s IH]; simpl.
  - exists z. auto.
  - destruct IH as (x & I & E). unfold Rmin. match goal with |- context [Rle_dec ?u ?v]
      => destruct (Rle_dec u v) end.
    + exists w. auto.
    + exists x. split; [destruct I as [->|I]; auto|exact E].
Qed.

Lemma Minimum_ext {A} (I : list A) g k : (forall x, In x I -> g x = k x) -> Minimum I g = Minimum I k.
Proof.
  destruct I as [|x I]; intro H; [reflexivity|]. simpl. rewrite (H x) by now left.
  assert (HI : forall z, In z I -> g z = k z) by (intros; apply H; now right). clear H.
  induction I as [|z I IH]; simpl; [reflexivity|].
  rewrite (HI z), IH; [reflexivity|intros; apply HI; now right|now left].
Qed.
Lemma Sum_app {A} (s t : list A) g : Sum (s ++ t) g = Sum s g + Sum t g.
Proof. unfold Sum. induction s as [|z s IH]; simpl; [ring|rewrite IH; ring]. Qed.
Lemma Sum_seq m g : Sum (seq 0 m) g = sum m g.
Proof. induction m as [|m IH]; [reflexivity|]. rewrite seq_S, Sum_app, IH. unfold Sum. simpl. ring. Qed.
(** The sum over j < m is the term of c plus the sum over the others. *)
Lemma sum_without m c g : (c < m)%nat ->
  sum m g = g c + Sum (filter (fun j => negb (Nat.eqb j c)) (seq 0 m)) g.
Proof.
  assert (G : forall k, sum k g =
    (if lt_dec c k then g c else 0) + Sum (filter (fun j => negb (Nat.eqb j c)) (seq 0 k)) g).
  { induction k as [|k IH]; [unfold Sum; simpl; ring|]. cbn [sum].
    rewrite seq_S, filter_app, Sum_app, IH. cbn [filter Nat.add].
    destruct (Nat.eqb_spec k c) as [->|N]; cbn [negb]; unfold Sum at 3; simpl;
      repeat destruct (lt_dec _ _); try lia; ring. }
  intro H. rewrite (G m). destruct (lt_dec c m); [reflexivity|contradiction].
Qed.

(** ** The inner product and the length *)
Lemma sq_nonneg m v : 0 <= sq m v. Proof. apply sum_nonneg. intros. apply pow2_ge_0. Qed.
Lemma sq_scal m c v : sq m (fun j => c * v j) = c ^ 2 * sq m v.
Proof. unfold sq. rewrite <- sum_scal. apply sum_ext. intros. ring. Qed.
Lemma Cauchy_Schwarz m u v : dot m u v ^ 2 <= sq m u * sq m v.
Proof.
  pose proof (sq_nonneg m u) as HU. pose proof (sq_nonneg m v) as HV.
  assert (Q : forall c, 0 <= sq m v - 2 * c * dot m u v + c ^ 2 * sq m u).
  { intro c. replace (sq m v - 2 * c * dot m u v + c ^ 2 * sq m u) with (sq m (fun j => v j + - c * u j)).
    - apply sq_nonneg.
    - unfold sq, dot. replace (sum m (fun j => (v j + - c * u j) ^ 2))
        with (sum m (fun j => v j ^ 2 + (- (2 * c) * (u j * v j) + c ^ 2 * u j ^ 2))).
      + rewrite !sum_plus, !sum_scal. ring.
      + apply sum_ext. intros. ring. }
  destruct (Req_dec (sq m u) 0) as [Z|Z].
  - assert (D : dot m u v = 0).
    { apply Rsqr_0_uniq. destruct (Req_dec (dot m u v) 0) as [E|E]; [rewrite E; unfold Rsqr; ring|exfalso].
      specialize (Q ((sq m v + 1) / (2 * dot m u v))). rewrite Z in Q.
      replace (2 * ((sq m v + 1) / (2 * dot m u v)) * dot m u v) with (sq m v + 1) in Q
        by (field; exact E). lra. }
    rewrite D, Z. lra.
  - specialize (Q (dot m u v / sq m u)).
    assert (E : sq m v - 2 * (dot m u v / sq m u) * dot m u v + (dot m u v / sq m u) ^ 2 * sq m u
      = sq m v - dot m u v ^ 2 / sq m u) by (field; exact Z).
    rewrite E in Q. apply Rmult_le_compat_l with (r := sq m u) in Q; [|exact HU]. rewrite Rmult_0_r in Q.
    replace (sq m u * (sq m v - dot m u v ^ 2 / sq m u)) with (sq m u * sq m v - dot m u v ^ 2) in Q
      by (field; exact Z). lra.
Qed.

Section Length.
Variable d : nat.
Notation len := (len d).
Lemma len_sq v : len v ^ 2 = sq d v. Proof. unfold len. rewrite <- Rsqr_pow2. apply Rsqr_sqrt, sq_nonneg. Qed.
Lemma len_nonneg v : 0 <= len v. Proof. apply sqrt_pos. Qed.
Lemma dot_le_len u v : dot d u v <= len u * len v.
Proof.
  apply Rle_trans with (1 := Rle_abs _). rewrite <- sqrt_Rsqr_abs, Rsqr_pow2. unfold len.
  rewrite <- sqrt_mult by apply sq_nonneg.
  apply sqrt_le_1_alt, Cauchy_Schwarz.
Qed.
Lemma sq_add u v : sq d (fun j => u j + v j) = sq d u + 2 * dot d u v + sq d v.
Proof. unfold sq, dot. rewrite <- sum_scal, <- !sum_plus. apply sum_ext. intros. ring. Qed.
Lemma len_triangle u v : len (fun j => u j + v j) <= len u + len v.
Proof.
  pose proof (len_nonneg u). pose proof (len_nonneg v). apply Rsqr_incr_0_var; [|lra].
  rewrite !Rsqr_pow2, len_sq, sq_add, <- !len_sq.
  pose proof (dot_le_len u v). lra.
Qed.
Lemma len_scal c v : len (fun j => c * v j) = Rabs c * len v.
Proof. unfold len. rewrite sq_scal, sqrt_mult by (apply pow2_ge_0 || apply sq_nonneg). f_equal.
rewrite <- Rsqr_pow2. apply sqrt_Rsqr_abs. Qed.
Lemma len_ext u v : (forall j, u j = v j) -> len u = len v.
Proof. intro H. unfold len, sq. f_equal. apply sum_ext. intros. now rewrite H. Qed.
End Length.
