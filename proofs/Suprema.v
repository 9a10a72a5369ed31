(** * Suprema over a class *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary.
Open Scope R_scope.

Lemma sup_correct {X} (A : X -> Prop) g B : (exists x, A x) -> (forall x, A x -> g x <= B) ->
  (forall x, A x -> g x <= sup A g) /\ (forall C, (forall x, A x -> g x <= C) -> sup A g <= C).
Proof.
  intros (x0 & H0) HB. unfold sup. destruct (Lub_Rbar_correct (fun v => exists x, A x /\ v = g x)) as [Up Le].
  set (L := Lub_Rbar _) in *. assert (U : forall C : R, (forall x, A x -> g x <= C) -> Rbar_le L C).
  { intros C HC. apply Le. intros v (x & Hx & ->). simpl. now apply HC. }
  pose proof (U B HB) as LB. pose proof (Up (g x0) (ex_intro _ x0 (conj H0 eq_refl))) as L0.
  destruct L as [r| |]; simpl in LB, L0; try easy. simpl.
  split; [intros x Hx; exact (Up (g x) (ex_intro _ x (conj Hx eq_refl)))|exact U].
Qed.
Lemma sup_ge {X} (A : X -> Prop) g B x : (forall x, A x -> g x <= B) -> A x -> g x <= sup A g.
Proof. intros HB Hx. apply (sup_correct A g B); [now exists x|exact HB|exact Hx]. Qed.
Lemma sup_least {X} (A : X -> Prop) g C : (exists x, A x) -> (forall x, A x -> g x <= C) -> sup A g <= C.
Proof. intros Ex HC. now apply (sup_correct A g C). Qed.
Lemma sup_ext {X} (A : X -> Prop) g h : (forall x, g x = h x) -> sup A g = sup A h.
Proof. intro H. replace h with g; [reflexivity|now apply functional_extensionality]. Qed.
Lemma sup_close {X} (A : X -> Prop) g h B c : (exists x, A x) -> (forall x, A x -> g x <= B) ->
  (forall x, A x -> h x <= B) ->
  (forall x, A x -> Rabs (g x - h x) <= c) -> Rabs (sup A g - sup A h) <= c.
Proof.
  intros Ex Hg Hh H. apply Rabs_le_between. split.
  - assert (sup A h <= sup A g + c); [|lra]. apply sup_least; [exact Ex|]. intros x Hx.
    pose proof (sup_ge A g B x Hg Hx). specialize (H x Hx). apply Rabs_le_between in H. lra.
  - assert (sup A g <= sup A h + c); [|lra]. apply sup_least; [exact Ex|]. intros x Hx.
    pose proof (sup_ge A h B x Hh Hx). specialize (H x Hx). apply Rabs_le_between in H. lra.
Qed.
Lemma Rle_eps u v : (forall eta, 0 < eta -> u <= v + eta) -> u <= v.
Proof. intro H. apply Rnot_lt_le. intro Lt. specialize (H ((u - v) / 2) ltac:(lra)). lra. Qed.