(** * Instances that satisfy the hypotheses *)
From Coq Require Import Reals Lra Lia List Psatz.
From Interval Require Import Tactic.
From MarginTheory Require Import Vocabulary Statements Witnesses Sums Elementary Vectors.
From MarginTheory Require Import Scaling Existence NormGrowth OneParameter.
Import ListNotations.
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
  - set (λ := 1 ** 1 * (1 / 2) ** 9.88). assert (Hλ : 0 < λ).
    { unfold λ. rewrite pw_1, Rmult_1_l. apply pw_pos. lra. }
    destruct (Ex λ Hλ) as [(Θ & Min) _]. exists 9.88, λ, Θ. repeat split; try lra. exact Min.
  - set (c := 6.9 + 2.28 * 1 * ln (2.21 * 1)). set (λ := 1 ** 1 * 2 ** (- c)). assert (Hλ : 0 < λ).
    { unfold λ. rewrite pw_1, Rmult_1_l. apply pw_pos. lra. }
    destruct (Ex λ Hλ) as [(Θ & Min) _]. exists c, λ, Θ. repeat split; try (unfold c; lra); try lra; exact Min.
Qed.

(** The sign of a bool is its own label. *)
Definition own (b : bool) : R := if b then 1 else -1.
Theorem witness_C_1 : Witness_C_1.
Proof.
  exists bool, [(/ 2, (true, 1)); (/ 2, (false, -1))], (fun g => g = own), 1, 1%nat, own, 1.
  assert (A : forall x y, atom [(/ 2, (true, 1)); (/ 2, (false, -1))] (x, y) -> y = own x).
  { intros x y (w & _ & [E|[E|[]]]); injection E as _ <- <-; reflexivity. }
  repeat split.
  - intros w z [E|[E|[]]]; injection E as <- _; lra.
  - cbn. lra.
  - lia.
  - intros x y Q. rewrite (A x y Q). destruct x; [now left|now right].
  - exists true, (/ 2). split; [lra|now left].
  - exists false, (/ 2). split; [lra|right; now left].
  - intros g x y -> _. unfold own. destruct x; [rewrite Rabs_R1|rewrite Rabs_left]; lra.
  - lra.
  - lra.
  - intros x y Q. rewrite (A x y Q). destruct x; cbn; lra.
Qed.

Lemma relu_lipschitz s t : Rabs (relu s - relu t) <= Rabs (s - t).
Proof. unfold relu, Rmax. repeat destruct Rle_dec; unfold Rabs; repeat destruct Rcase_abs; lra. Qed.
Lemma relu_homogeneous c t : 0 < c -> relu (c * t) = c * relu t.
Proof. intro Hc. unfold relu. rewrite <- (Rmult_0_r c) at 1. apply RmaxRmult. lra. Qed.
Definition relus : activation := {| σ := relu; σ_lipschitz := relu_lipschitz; σ_homogeneous := relu_homogeneous |}.

(** One example x = 1 with label 1 and one neuron: the network is v relu(w), and v w <= (v^2 + w^2)/2. *)
Theorem witness_3_1 : Witness_3_1.
Proof.
  exists relus, 1%nat, 2%nat, 1%nat, [(1, (point 1, 1))], 1, (fun _ => (point 1, 1)), (fun _ => 1%nat), (/ 2).
  assert (A : forall x y, atom [(1, (point 1, 1))] (x, y) -> x = point 1 /\ y = 1).
  { intros x y (w & _ & [E|[]]). now injection E as _ <- <-. }
  repeat split.
  - lia.
  - lia.
  - intros w z [E|[]]. injection E as <- _. lra.
  - cbn. lra.
  - intros x y Q. left. apply (A x y Q).
  - intros x y Q. destruct (A x y Q) as [-> _]. unfold len, sq, point. cbn [sum].
    replace (0 + 1 ^ 2) with 1 by ring. rewrite sqrt_1. lra.
  - intros i _. exists 1. split; [lra|now left].
  - lra.
  - exists (fun _ _ _ => sqrt (/ 2)). pose proof (sqrt_pos (/ 2)) as P. pose proof (sqrt_sqrt (/ 2) ltac:(lra)) as S.
    split.
    + unfold norm2, frob, sq. cbn [sum]. nra.
    + intros i _. cbn. unfold layer, dot, point. cbn [sum]. unfold relu. rewrite Rmax_right; nra.
  - intros W g HN HM. specialize (HM 0%nat ltac:(lia)).
    cbn in HM. unfold layer, dot, point in HM. cbn [sum] in HM. unfold relu in HM.
    unfold norm2, frob, sq in HN. cbn [sum] in HN. set (v := W 1%nat 0%nat 0%nat) in *. set (w := W 0%nat 0%nat 0%nat) in *.
    pose proof (pow2_ge_0 (v - w)) as Q. unfold Rmax in HM. destruct (Rle_dec 0 _) in HM; lra.
Qed.

Lemma Rabs_def2_le x b : Rabs x <= b -> - b <= x <= b.
Proof. unfold Rabs. destruct Rcase_abs; lra. Qed.
(** The score of example i is y_i t, so both margins are t. *)
Definition sign (i : nat) : R := match i with O => 1 | _ => -1 end.
Lemma sign_is_sign i : sign i = 1 \/ sign i = -1.
Proof. destruct i; [now left|now right]. Qed.
Definition score (Θ : vec) (i : nat) : R := sign i * side 1 (-1) (Θ O).
Lemma margin_of_score Θ i : sign i * score Θ i = Θ O.
Proof. unfold score, side. destruct i; cbn; field. Qed.
Lemma score_homogeneous c Θ i : 0 < c -> score (c · Θ) i = c ** 1 * score Θ i.
Proof. intro Hc. unfold score, scaled. rewrite side_scale, pw_e1 by lra. ring. Qed.
Definition both : Binary.model := {|
  Binary.p := 1; Binary.norm := absolute; Binary.n := 2; Binary.y := sign; Binary.f := score;
  Binary.a := 1; Binary.r := 1; Binary.n_pos := le_S _ _ (le_n 1); Binary.y_is_sign := fun i _ => sign_is_sign i;
  Binary.a_pos := Rlt_0_1; Binary.r_pos := Rlt_0_1; Binary.norm_is_norm := absolute_norm;
  Binary.f_continuous := fun i _ v => cont_scal 1 (sign i) _ v (side_continuous 1 (-1) v);
  Binary.f_homogeneous := fun c Θ i Hc _ => score_homogeneous c Θ i Hc |}.

Theorem witness_A_3 : Witness_A_3.
Proof.
  exists both, 1. split; [reflexivity|]. split; [reflexivity|]. split; [reflexivity|].
  assert (Mg : forall Θ, @Binary.margin both Θ = Θ O).
  { intro Θ. unfold Binary.margin. cbn [Binary.n Binary.y Binary.f both seq Minimum fold_right].
    rewrite !margin_of_score. apply Rmin_left. lra. }
  split; [|split; [lra|split]].
  - intros Θ Θ' c H H' Hc. exists (point ((1 - c) * Θ O + c * Θ' O)). cbn in *. unfold absolute, point in *. split.
    + pose proof (Rabs_def2_le _ _ H) as B. pose proof (Rabs_def2_le _ _ H') as B'. apply Rabs_le. nra.
    + intros i _. rewrite !margin_of_score. reflexivity.
  - exists (point 1). rewrite Mg. unfold point. cbn. unfold absolute. rewrite Rabs_R1. lra.
  - intros Θ H. rewrite Mg. cbn in H. unfold absolute in H. apply Rle_trans with (2 := H). apply Rle_abs.
Qed.
