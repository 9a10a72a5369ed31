(** * Instances that satisfy the hypotheses *)
From Coq Require Import Reals Lra Lia List Psatz.
From Interval Require Import Tactic.
From MarginTheory Require Import Vocabulary Statements Witnesses Sums Elementary Vectors.
From MarginTheory Require Import Scaling Existence NormGrowth OneParameter.
Open Scope R_scope.

(** One example with two rivals, which both trail by t. *)
Definition line : model := rays3 1 1 (-1) (-1).
Lemma max_margin_line : @max_margin line 1.
Proof.
  split.
  - exists (point 1). split; [cbn; unfold absolute, point; rewrite Rabs_R1; lra|].
    unfold line. rewrite margin3. unfold point. rewrite side_pos by lra. rewrite Rmin_left; lra.
  - intros Θ HΘ. unfold line. rewrite margin3. rewrite Rmin_left by lra.
    unfold line in HΘ. cbn in HΘ. unfold absolute in HΘ. set (t := Θ O) in *.
    pose proof (Rle_abs t). unfold side. nra.
Qed.

(** λ = e^-6. *)
Theorem witness_2_1 : Witness_2_1.
Proof.
  destruct (claim_A_1 line) as (Ex & _ & ExU). set (λ := exp (-6)).
  assert (Hλ : 0 < λ) by apply exp_pos.
  destruct (Ex λ Hλ) as [(Θ & Min) _]. destruct (ExU λ 1 Hλ ltac:(lra)) as (U & HU).
  exists line, λ, 1, U, Θ.
  split; [reflexivity|]. split; [exact Hλ|]. split; [lra|]. split; [exact max_margin_line|].
  split; [exact HU|]. split; [exact Min|].
  assert (E1 : @norm line Θ = Rabs (Θ O)) by reflexivity.
  split; [|split].
  - rewrite E1. destruct (Req_dec (Θ O) 0) as [Z|]; [exfalso|now apply Rabs_pos_lt].
    specialize (Min (point 1)). unfold line in Min. rewrite !loss3, Z in Min. unfold point in Min.
    rewrite !side_at_0, !side_pos, Rabs_R0, Rabs_R1, Ropp_0, exp_0, !Rmult_1_r, Rmult_0_r in Min by lra.
    assert (ln (1 + (exp (- (1)) + exp (- (1)))) + exp (-6) < ln (1 + (1 + 1)) + 0) by interval with (i_prec 40).
    unfold λ in Min. lra.
  - destruct HU as [_ HU]. specialize (HU 5 ltac:(lra)). unfold V in HU.
    cbn [n l a r line rays3 rays] in *. change (INR 1) with 1. change (INR 3) with (1 + 1 + 1) in HU.
    rewrite !pw_e1 in HU by lra. rewrite Rmult_1_l. apply Rle_lt_trans with (1 := HU). unfold λ.
    interval with (i_prec 40).
  - unfold Λ. rewrite pw_1. cbn [l line rays3 rays]. change (INR 3) with (1 + 1 + 1). unfold λ.
    interval with (i_prec 40).
Qed.
