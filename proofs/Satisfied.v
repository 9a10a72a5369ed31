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

Lemma N_line : @N line = 2.
Proof. unfold N. cbn [n l line rays3 rays]. change (INR 1) with 1. change (INR 3) with (1 + 1 + 1). lra. Qed.
Lemma q_line : @q line = 1.
Proof. unfold q. cbn. field. Qed.

Theorem witness_2_2 : Witness_2_2.
Proof.
  set (c := @c0 line). set (λ := exp (- (2 ** 1 - 1) ** (- / 1)) * (1 ** 1 / 2 ** c)).
  assert (Hλ : 0 < λ).
  { unfold λ. apply Rmult_lt_0_compat; [apply exp_pos|]. rewrite pw_1.
    apply Rdiv_lt_0_compat; [lra|apply pw_pos; lra]. }
  destruct (claim_A_1 line) as (Ex & _). destruct (Ex λ Hλ) as [(Θ & Min) _].
  exists line, 1, c, λ, 1, Θ. rewrite N_line, q_line.
  repeat split; try lra; try exact Min; try exact (proj1 max_margin_line); try exact (proj2 max_margin_line).
  unfold c. lra.
Qed.

Theorem witness_2_2_Q : Witness_2_2_Q.
Proof.
  destruct (claim_A_1 line) as (Ex & _ & ExU). set (λ := exp (-6)).
  assert (Hλ : 0 < λ) by apply exp_pos.
  destruct (Ex λ Hλ) as [(Θ & Min) _].
  exists line, λ, 1, (@loss line λ Θ), Θ.
  split; [exact Hλ|]. split; [lra|]. split; [exact max_margin_line|]. split; [exact Min|].
  split; [lra|].
  assert (E : @Λ line λ 1 = ln (2 / λ)).
  { unfold Λ. rewrite pw_1. cbn [l line rays3 rays]. change (INR 3) with (1 + 1 + 1). f_equal. lra. }
  assert (P : 0 <= ln (2 / λ)) by (unfold λ; interval with (i_prec 40)).
  split; [|split].
  - specialize (Min (point 5)). apply Rle_lt_trans with (@loss line λ (point 5)).
    + change (INR (@n line)) with 1. lra.
    + unfold line. rewrite loss3. unfold point. rewrite !side_pos, Rabs_pos_eq by lra. unfold λ.
      interval with (i_prec 40).
  - now rewrite E.
  - rewrite E, q_line, pw_1, pw_e1 by exact P. change (INR (@n line)) with 1. unfold λ.
    interval with (i_prec 40).
Qed.

Theorem witness_2_2_I : Witness_2_2_I.
Proof.
  exists line, 1. destruct (claim_A_1 line) as (Ex & _). rewrite N_line, q_line.
  split; [lra|]. split; [lra|]. split; [exact max_margin_line|].
  split.
  - set (λ := 1 ** 1 * (1 / 2) ** 10.14). assert (Hλ : 0 < λ).
    { unfold λ. rewrite pw_1, Rmult_1_l. apply pw_pos. lra. }
    destruct (Ex λ Hλ) as [(Θ & Min) _]. exists 10.14, λ, Θ. repeat split; try lra. exact Min.
  - set (c := 6.2 + 2.74 * 1 * ln (4.1 * 1)). set (λ := 1 ** 1 * 2 ** (- c)). assert (Hλ : 0 < λ).
    { unfold λ. rewrite pw_1, Rmult_1_l. apply pw_pos. lra. }
    destruct (Ex λ Hλ) as [(Θ & Min) _]. exists c, λ, Θ. repeat split; try (unfold c; lra); try lra; exact Min.
Qed.
