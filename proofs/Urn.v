(** * Memory: N equally likely inputs, all with the label 1

    Whatever n of them a sample shows, the others have the probability 1 - n/N at least. *)
From Coq Require Import ZArith Reals Lra Lia List Psatz Classical.
From MarginTheory Require Import Vocabulary Statements Sums FiniteLaws.
Import ListNotations.
Open Scope R_scope.

Lemma unbounded v : exists k : nat, v < k.
Proof.
  destruct (archimed v) as [A _]. exists (Z.to_nat (up v)). rewrite INR_IZR_INZ.
  destruct (Z_lt_le_dec 0 (up v)) as [P|N].
  - rewrite Z2Nat.id by lia. lra.
  - apply Rlt_le_trans with (1 := A). apply IZR_le. lia.
Qed.

Lemma never {A} (P : law A) (Q : A -> Prop) : is_law P -> (forall z, atom P z -> ~ Q z) -> Pr P Q <= 0.
Proof.
  intros L H. apply Rle_trans with (expect P (fun _ => 0)); [|rewrite expect_zero; lra].
  apply expect_le; [exact L|]. intros z Hz. destruct (decide (Q z)) as [q|_]; [exfalso; now apply (H z)|lra].
Qed.

Section Urn.
Context {X : Type}.
Variable pt : nat -> X.
Hypothesis distinct : forall j k, pt j = pt k -> j = k.
Definition urn_of (w : R) (l : list nat) : law (X * R) := map (fun j => (w, (pt j, 1))) l.
Definition urn (N : nat) : law (X * R) := urn_of (/ N) (seq 0 N).
Definition seen (n : nat) (s : nat -> X * R) (x : X) : Prop := exists i, (i < n)%nat /\ fst (s i) = x.

Lemma urn_total w l : expect (urn_of w l) (fun _ => 1) = length l * w.
Proof.
  induction l as [|j l IH]; [simpl; ring|]. cbn [urn_of map expect length]. fold (urn_of w l).
  rewrite IH, S_INR. cbn [fst]. ring.
Qed.
Lemma urn_law N : (1 <= N)%nat -> is_law (urn N).
Proof.
  intro HN. assert (0 < N) by (apply lt_0_INR; lia). split.
  - intros w z I. apply in_map_iff in I as (j & E & _). injection E as <- _. left. now apply Rinv_0_lt_compat.
  - unfold urn. rewrite urn_total, seq_length. field. lra.
Qed.
Lemma urn_atom N x y : atom (urn N) (x, y) -> y = 1 /\ exists j, (j < N)%nat /\ x = pt j.
Proof.
  intros (v & _ & I). apply in_map_iff in I as (j & E & J). injection E as _ <- <-. split; [reflexivity|].
  exists j. apply in_seq in J. split; [lia|reflexivity].
Qed.
Lemma urn_labels N : labels_are_signs (urn N).
Proof. intros x y H. left. now apply urn_atom in H. Qed.
Lemma urn_point w l x : 0 <= w -> NoDup l -> Pr (urn_of w l) (fun z => fst z = x) <= w.
Proof.
  intros Hw ND. assert (Z : forall l, (forall j, In j l -> pt j <> x) ->
    Pr (urn_of w l) (fun z => fst z = x) = 0).
  { clear l ND. unfold Pr. induction l as [|j l IH]; intro N; [reflexivity|].
    cbn [urn_of map expect]. fold (urn_of w l). rewrite IH by (intros; apply N; now right). cbn [fst snd].
    destruct (decide (pt j = x)) as [E|_]; [exfalso; now apply (N j (or_introl eq_refl))|ring]. }
  induction ND as [|j l Nj ND IH]; [unfold Pr; simpl; exact Hw|].
  unfold Pr in *. cbn [urn_of map expect]. fold (urn_of w l). cbn [fst snd].
  destruct (decide (pt j = x)) as [<-|_]; [|lra]. rewrite Z; [lra|]. intros k Ik E.
  apply distinct in E. subst k. contradiction.
Qed.
Lemma urn_seen N n s : (1 <= N)%nat -> Pr (urn N) (fun z => seen n s (fst z)) <= n * / N.
Proof.
  intro HN. pose proof (urn_law N HN) as L. assert (W : 0 <= / N)
    by (left; apply Rinv_0_lt_compat, lt_0_INR; lia).
  induction n as [|n IH].
  - rewrite Rmult_0_l, <- (expect_zero (urn N)). apply expect_le; [exact L|].
    intros z _. destruct (decide _) as [(i & Hi & _)|]; [lia|lra].
  - apply Rle_trans with (Pr (urn N) (fun z => seen n s (fst z) \/ fst z = fst (s n))).
    + apply Pr_le; [exact L|]. intros z _ (i & Hi & E). destruct (Nat.eq_dec i n) as [->|]; [now right|].
      left. exists i. split; [lia|exact E].
    + apply Rle_trans with (1 := Pr_or _ _ _ L).
      pose proof (urn_point (/ N) (seq 0 N) (fst (s n)) W (seq_NoDup N 0)) as Q. fold (urn N) in Q.
      rewrite S_INR. lra.
Qed.
(** A function that is right at most at the inputs seen. *)
Lemma urn_error N n s g : (1 <= N)%nat -> (forall j, (j < N)%nat -> ~ seen n s (pt j) -> g (pt j) <= 0) ->
  1 - n * / N <= error (urn N) g.
Proof.
  intros HN H. pose proof (urn_law N HN) as L. unfold error. rewrite Pr_not by exact L.
  assert (Pr (urn N) (fun z => ~ snd z * g (fst z) <= 0) <= n * / N); [|lra].
  apply Rle_trans with (2 := urn_seen N n s HN). apply Pr_le; [exact L|]. intros [x y] Hz No.
  cbn [fst snd] in *.
  apply urn_atom in Hz as (-> & j & Hj & ->). apply NNPP. intro U. apply No. rewrite Rmult_1_l. now apply H.
Qed.
End Urn.
