(** * Theorem A.3: two classes with one score *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors.
From MarginTheory Require Import Scaling Existence NormGrowth MaximumMargin.
Import ListNotations.
Open Scope R_scope.

Section BinaryCase.
Context {B : Binary.model}.
Import Binary.

(** The two-class form: class 1 is y = 1 with the score f/2, class 0 is y = -1 with the score -f/2. *)
Definition class i : nat := if Rlt_dec 0 (y i) then 1%nat else 0%nat.
Definition score Θ i (j : nat) : R := match j with O => - / 2 * f Θ i | S _ => / 2 * f Θ i end.

Lemma class_lt i : (class i < 2)%nat.
Proof. unfold class. destruct (Rlt_dec 0 (y i)); lia. Qed.
Lemma score_continuous i j : (i < n)%nat -> (j < 2)%nat -> continuous_on p (fun Θ => score Θ i j).
Proof.
  intros Hi _ v. destruct j; simpl; apply cont_scal; exact (f_continuous i Hi v).
Qed.
(** Step 3 of Theorem A.3 *)
Lemma score_homogeneous c Θ i j : 0 < c -> (i < n)%nat -> (j < 2)%nat ->
  score (c · Θ) i j = c ** a * score Θ i j.
Proof. intros Hc Hi _. destruct j; simpl; rewrite f_homogeneous by assumption; ring. Qed.

#[local] Instance two_class : Statements.model := {|
  Statements.p := p; Statements.norm := norm; Statements.n := n; Statements.l := 2;
  Statements.y := class; Statements.f := score; Statements.a := a; Statements.r := r;
  Statements.n_pos := n_pos; Statements.two_classes := le_n 2;
  Statements.y_is_class := fun i _ => class_lt i; Statements.a_pos := a_pos; Statements.r_pos := r_pos;
  Statements.norm_is_norm := norm_is_norm; Statements.f_continuous := score_continuous;
  Statements.f_homogeneous := score_homogeneous |}.

Lemma rivals_two i : rivals i = [(1 - class i)%nat].
Proof. unfold rivals. cbn. unfold class. destruct (Rlt_dec 0 (y i)); reflexivity. Qed.
(** Step 1: the lead of the label over its rival. *)
Lemma lead i Θ : (i < n)%nat -> score Θ i (class i) - score Θ i (1 - class i) = y i * f Θ i.
Proof.
  intro Hi. destruct (y_is_sign i Hi) as [E|E]; unfold class; destruct (Rlt_dec 0 (y i)); try lra;
    simpl; rewrite E; lra.
Qed.
Lemma margin_agrees Θ : Statements.margin Θ = margin Θ.
Proof.
  unfold Statements.margin, margin. apply Minimum_ext. intros i Ii. apply in_seq in Ii.
  assert (Hi : (i < n)%nat) by (cbn in Ii; lia).
  rewrite rivals_two. unfold Maximum. cbn [Minimum fold_right]. rewrite <- (lead i Θ Hi). cbn. ring.
Qed.
(** Step 2: the objectives agree, and with them the minimisers. *)
Lemma loss_agrees λ Θ : Statements.loss λ Θ = loss λ Θ.
Proof.
  unfold Statements.loss, loss, cross_entropy. f_equal. f_equal. apply sum_ext. intros i Hi.
  rewrite softmax_rivals by exact Hi. rewrite rivals_two. unfold Sum. cbn [fold_right].
  rewrite <- (lead i Θ Hi). rewrite Rplus_0_r. do 3 f_equal. cbn. ring.
Qed.
Lemma minimiser_agrees λ Θ : minimiser λ Θ <-> Statements.minimiser λ Θ.
Proof. split; intros H Θ'; [rewrite !loss_agrees|rewrite <- !loss_agrees]; apply H. Qed.
Lemma normalised_agrees Θ : Statements.normalised_margin Θ = normalised_margin Θ.
Proof. apply margin_agrees. Qed.
Lemma max_margin_agrees γ : max_margin γ <-> Statements.max_margin γ.
Proof.
  split; intros [(Θ & HΘ & E) H]; (split;
    [exists Θ; split; [exact HΘ|first [rewrite margin_agrees|rewrite <- margin_agrees]; exact E]|]);
    intros Θ' HΘ'; first [rewrite margin_agrees|rewrite <- margin_agrees]; now apply H.
Qed.
Lemma one : INR (Statements.l) - 1 = 1.
Proof. cbn. ring. Qed.
Lemma V_agrees λ γ M : Statements.V λ γ M = V λ γ M.
Proof. unfold Statements.V, V. rewrite one, Rmult_1_l. reflexivity. Qed.
Lemma U_agrees λ γ U : is_U λ γ U -> Statements.is_U λ γ U.
Proof.
  intros [(M & HM & E) H]. split; [exists M; now rewrite V_agrees|]. intros M' HM'. rewrite V_agrees.
  now apply H.
Qed.
Lemma h_agrees γ t : Statements.h γ t = h γ t.
Proof. unfold Statements.h, h. rewrite one, Rmult_1_l. reflexivity. Qed.
End BinaryCase.

Theorem theorem_A_3 : Theorem_A_3.
Proof.
  intro B. destruct (claim_A_1 two_class) as (Ex & (γ1 & Hγ) & _).
  split; [|split].
  - intros λ Hl. destruct (Ex λ Hl) as [(Θ & Min) _]. exists Θ. now apply minimiser_agrees.
  - exists γ1. now apply max_margin_agrees.
  - intros γ Hm. apply max_margin_agrees in Hm.
    destruct (theorem_2_1_Q two_class γ Hm) as (Q1 & Q2 & Q3 & Q4).
    split; [|split; [|split; [|split]]].
    + intros Hg ε He. destruct (theorem_2_1 two_class γ Hg Hm ε He) as (λ0 & Hl0 & H). exists λ0.
      split; [exact Hl0|].
      intros λ Hl Θ Min. rewrite <- normalised_agrees. apply (H λ Hl). now apply minimiser_agrees.
    + intros λ Θ Hl Min HΘ. apply minimiser_agrees in Min. destruct (Q1 λ Θ Hl Min HΘ) as (A1 & A2 & A3).
      rewrite normalised_agrees in A1, A2. rewrite h_agrees in A2, A3. split; [exact A1|]. split; [exact A2|].
      rewrite one, !Rmult_1_r in A3. exact A3.
    + intros t u Htu. rewrite <- !h_agrees. now apply Q2.
    + intros λ U Θ Hl Hg Min HU Hn. rewrite <- h_agrees, <- normalised_agrees.
      apply (Q3 λ U Θ Hl Hg); [now apply minimiser_agrees|now apply U_agrees|exact Hn].
    + intros λ β Θ Θ' Hl Hb Min HΘ HL. rewrite <- normalised_agrees.
      pose proof (Q4 λ β Θ Θ' Hl Hb) as Q. rewrite one, Rmult_1_l, !loss_agrees in Q.
      apply Q; [now apply minimiser_agrees|exact HΘ|exact HL].
Qed.
