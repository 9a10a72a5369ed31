(** * Laws with finitely many atoms; independent draws *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Sums Elementary.
Import ListNotations.
Open Scope R_scope.

Lemma expect_ext {A} (P : law A) F G : (forall z, F z = G z) -> expect P F = expect P G.
Proof. intro H. induction P as [|[w z] P IH]; simpl; [reflexivity|]. now rewrite IH, H. Qed.
Lemma expect_plus {A} (P : law A) F G : expect P (fun z => F z + G z) = expect P F + expect P G.
Proof. induction P as [|[w z] P IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma expect_scal {A} (P : law A) c F : expect P (fun z => c * F z) = c * expect P F.
Proof. induction P as [|[w z] P IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma expect_zero {A} (P : law A) : expect P (fun _ => 0) = 0.
Proof. induction P as [|[w z] P IH]; simpl; [reflexivity|]. rewrite IH. ring. Qed.
Lemma expect_const {A} (P : law A) c : is_law P -> expect P (fun _ => c) = c.
Proof. intros [_ H]. transitivity (c * expect P (fun _ => 1));
  [rewrite <- expect_scal; apply expect_ext; intro; ring|rewrite H; ring]. Qed.
Lemma expect_app {A} (P Q : law A) F : expect (P ++ Q) F = expect P F + expect Q F.
Proof. induction P as [|[w z] P IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma expect_swap {A B} (P : law A) (Q : law B) F : expect P (fun a => expect Q (fun b => F a b))
  = expect Q (fun b => expect P (fun a => F a b)).
Proof. induction P as [|[w z] P IH]; simpl; [now rewrite expect_zero|].
rewrite IH, expect_plus, expect_scal. reflexivity. Qed.
Lemma expect_le {A} (P : law A) F G : is_law P -> (forall z, atom P z -> F z <= G z) ->
  expect P F <= expect P G.
Proof.
  intros [W _] H. assert (Q : forall P', (forall w z, In (w, z) P' -> In (w, z) P) ->
    expect P' F <= expect P' G).
  { induction P' as [|[w z] P' IH]; intro I; simpl; [lra|].
      apply Rplus_le_compat; [|apply IH; intros; apply I; now right].
    pose proof (W w z (I w z (or_introl eq_refl))) as [Pw|Z]; [|rewrite <- Z; lra].
    apply Rmult_le_compat_l; [lra|]. apply H. exists w. split; [exact Pw|]. apply I. now left. }
  now apply Q.
Qed.
Lemma law_atom {A} (P : law A) : is_law P -> exists z, atom P z.
Proof.
  intro L. apply NNPP. intro No. pose proof (expect_le P (fun _ => 1) (fun _ => 0) L) as Q.
  rewrite expect_zero in Q. destruct L as [_ E]. rewrite E in Q.
  assert (1 <= 0); [|lra]. apply Q. intros z Hz. exfalso. apply No. now exists z.
Qed.
Lemma Pr_le {A} (P : law A) (Q Q' : A -> Prop) : is_law P -> (forall z, atom P z -> Q z -> Q' z) ->
  Pr P Q <= Pr P Q'.
Proof. intros L H. apply expect_le; [exact L|]. intros z Hz.
destruct (decide (Q z)) as [q|q], (decide (Q' z)) as [q'|q']; try lra. destruct q'. now apply H. Qed.
Lemma Pr_not {A} (P : law A) (Q : A -> Prop) : is_law P -> Pr P Q = 1 - Pr P (fun z => ~ Q z).
Proof.
  intros [_ E]. unfold Pr. assert (X : expect P (fun z => if decide (Q z) then 1 else 0)
    + expect P (fun z => if decide (~ Q z) then 1 else 0) = 1); [|lra].
  rewrite <- expect_plus, <- E. apply expect_ext. intro z.
  destruct (decide (Q z)), (decide (~ Q z)); try lra; tauto.
Qed.
Lemma Pr_or {A} (P : law A) (Q Q' : A -> Prop) : is_law P -> Pr P (fun z => Q z \/ Q' z) <= Pr P Q + Pr P Q'.
Proof.
  intro L. unfold Pr. rewrite <- expect_plus. apply expect_le; [exact L|]. intros z _.
  destruct (decide (Q z \/ Q' z)), (decide (Q z)), (decide (Q' z)); try lra; tauto.
Qed.

(** Countable union bound: the sum of finitely many bounds is what counts,
  since only finitely many samples have positive probability *)
Lemma finitely_many {A} (P : law A) (Q : nat -> A -> Prop) : exists K, forall z, atom P z ->
  (exists k, Q k z) -> exists k, (k < K)%nat /\ Q k z.
Proof.
  induction P as [|[w a] P (K & IH)]; [exists O; intros z (w & _ & [])|].
  destruct (classic (exists k, Q k a)) as [(k & Hk)|No].
  - exists (Nat.max K (S k)). intros z (v & Hv & [E|I]) Hz.
    + injection E as _ <-. exists k. split; [lia|exact Hk].
    + destruct (IH z) as (j & Hj & Qj); [now exists v|exact Hz|]. exists j. split; [lia|exact Qj].
  - exists K. intros z (v & Hv & [E|I]) Hz.
    + injection E as _ <-. contradiction.
    + apply IH; [now exists v|exact Hz].
Qed.
Theorem union_bound {A} (P : law A) (Q : nat -> A -> Prop) (d : nat -> R) delta : is_law P ->
  (forall k, 1 - d k <= Pr P (Q k)) ->
  (forall K, sum K d <= delta) -> 1 - delta <= Pr P (fun z => forall k, Q k z).
Proof.
  intros L H T. destruct (finitely_many P (fun k z => ~ Q k z)) as (K & HK).
  assert (B : forall K, Pr P (fun z => exists k, (k < K)%nat /\ ~ Q k z) <= sum K d).
  { clear K HK. induction K as [|K IH]; simpl.
    - apply Rle_trans with (expect P (fun _ => 0)); [|rewrite expect_zero; lra].
      apply expect_le; [exact L|]. intros z _. destruct (decide _) as [(k & Hk & _)|]; [lia|lra].
    - apply Rle_trans with (Pr P (fun z => (exists k, (k < K)%nat /\ ~ Q k z) \/ ~ Q K z)).
      + apply Pr_le; [exact L|]. intros z _ (k & Hk & q).
        destruct (Nat.eq_dec k K) as [->|]; [now right|left; exists k; split; [lia|exact q]].
      + apply Rle_trans with (1 := Pr_or _ _ _ L). pose proof (H K) as Q1. rewrite Pr_not in Q1 by exact L.
        lra. }
  rewrite Pr_not by exact L. specialize (B K). specialize (T K).
  assert (Pr P (fun z => ~ (forall k, Q k z)) <= Pr P (fun z => exists k, (k < K)%nat /\ ~ Q k z)); [|lra].
  apply Pr_le; [exact L|]. intros z Hz N. apply HK; [exact Hz|]. now apply not_all_ex_not.
Qed.

(** ** Independent draws *)
Section Product.
Context {A : Type}.
Variable filler : A.
Lemma expect_map_glue (w : R) (z : A) (Q : law (nat ->
  A)) F : expect (map (fun vs => (w * fst vs, glue z (snd vs))) Q) F = w * expect Q (fun s => F (glue z s)).
Proof. induction Q as [|[v s] Q IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma expect_product n P F : expect (product filler (S n) P) F
  = expect (P O) (fun z => expect (product filler n (fun i => P (S i))) (fun s => F (glue z s))).
Proof.
  cbn [product]. generalize (product filler n (fun i => P (S i))). intro Q.
  induction (P O) as [|[w z] P0 IH]; simpl; [reflexivity|].
  rewrite expect_app, IH, expect_map_glue. reflexivity.
Qed.
Lemma product_law n : forall P, (forall i, is_law (P i)) -> is_law (product filler n P).
Proof.
  induction n as [|n IH]; intros P H.
  - split; [|simpl; ring]. intros w z [E|[]]. injection E as <- _. lra.
  - pose proof (IH (fun i => P (S i)) (fun i => H (S i))) as L. split.
    + intros w s I. cbn [product] in I. apply in_flat_map in I as ([v z] & I1 & I2).
      apply in_map_iff in I2 as ([u t] & E & I2). injection E as <- _.
      apply Rmult_le_pos; [exact (proj1 (H O) v z I1)|exact (proj1 L u t I2)].
    + rewrite expect_product. rewrite (expect_ext _ _ (fun _ => 1)); [apply (H O)|]. intro.
      now apply expect_const.
Qed.
Lemma sample_law n P : is_law P -> is_law (sample filler n P).
Proof. intro H. now apply product_law. Qed.
Lemma product_atom n : forall P s, (forall i, is_law (P i)) -> atom (product filler n P) s ->
  forall i, (i < n)%nat -> atom (P i) (s i).
Proof.
  induction n as [|n IH]; intros P s L (w & Hw & I) i Hi; [lia|]. cbn [product] in I.
  apply in_flat_map in I as ([v z] & I1 & I2). apply in_map_iff in I2 as ([u t] & E & I2).
  injection E as E1 <-. cbn [fst snd] in *.
  pose proof (proj1 (L O) v z I1)
    as V. pose proof (proj1 (product_law n (fun i => P (S i)) (fun i => L (S i))) u t I2) as U.
  assert (0 < v) by (destruct V as [|Z]; [assumption|subst w; rewrite <- Z in Hw; lra]).
  assert (0 < u) by (destruct U as [|Z]; [assumption|subst w; rewrite <- Z in Hw; lra]).
  destruct i as [|i]; simpl; [now exists v|]. apply (IH (fun i => P (S i)));
    [intro; apply L|now exists u|lia].
Qed.
Lemma sample_atom n P s : is_law P -> atom (sample filler n P) s -> forall i, (i < n)%nat -> atom P (s i).
Proof. intros L H i Hi. now apply (product_atom n (fun _ => P) s (fun _ => L) H). Qed.

(** The mean of a sum over the sample. *)
Lemma expect_sum n P g : is_law P ->
  expect (sample filler n P) (fun s => sum n (fun i => g (s i))) = n * expect P g.
Proof.
  intro L. induction n as [|n IH]; [simpl; ring|]. unfold sample in *.
  rewrite (expect_ext _ _ (fun s => g (s O) + sum n (fun i => g (s (S i)))))
    by (intro s; apply (sum_first n (fun i => g (s i)))).
  rewrite expect_product, (expect_ext _ _ (fun z => g z + n * expect P g)).
  - rewrite expect_plus, (expect_const P _ L), S_INR. ring.
  - intro z. cbn [glue]. rewrite expect_plus, expect_const by now apply (product_law n (fun _ => P)).
    now rewrite IH.
Qed.
End Product.
