(** * Theorem C.1: the margin bound *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Suprema FiniteLaws Concentration
  Signs Contraction Rademacher.
Import ListNotations.
Open Scope R_scope.

(** The ramp *)
Definition ramp γ t := Rmin 1 (Rmax 0 (1 - t / γ)).
Lemma ramp_range γ t : 0 <= ramp γ t <= 1.
Proof. unfold ramp. split; [apply Rmin_glb; [lra|apply Rmax_l]|apply Rmin_l]. Qed.
Lemma ramp_low γ t : 0 < γ -> t <= 0 -> ramp γ t = 1.
Proof.
  intros Hg Ht. unfold ramp. assert (t / γ <= 0); [|rewrite Rmin_left; [reflexivity|]; rewrite Rmax_right;
    lra].
  apply Rmult_le_reg_r with γ; [exact Hg|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.
Lemma ramp_high γ t : 0 < γ -> γ <= t -> ramp γ t = 0.
Proof.
  intros Hg Ht. unfold ramp. assert (1 <= t / γ); [|rewrite Rmax_left by lra; apply Rmin_right; lra].
  apply Rmult_le_reg_r with γ; [exact Hg|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.
Lemma ramp_lip γ s t : 0 < γ -> Rabs (γ * (ramp γ s - 1) - γ * (ramp γ t - 1)) <= Rabs (s - t).
Proof.
  intro Hg. replace (γ * (ramp γ s - 1) - γ * (ramp γ t - 1)) with (γ * (ramp γ s - ramp γ t)) by ring.
  assert (Q : forall s t, s <= t -> 0 <= ramp γ s - ramp γ t <= (t - s) / γ).
  { clear s t. intros s t H. assert (s / γ <= t / γ) by (apply Rmult_le_compat_r;
      [left; now apply Rinv_0_lt_compat|exact H]).
    replace ((t - s) / γ) with (t / γ - s / γ) by (field; lra). unfold ramp, Rmin, Rmax.
    repeat destruct (Rle_dec _ _); lra. }
  rewrite Rabs_mult, (Rabs_pos_eq γ) by lra. destruct (Rle_or_lt s t) as [H|H].
  - destruct (Q s t H) as [Q1 Q2]. rewrite (Rabs_pos_eq _ Q1), Rabs_minus_sym, (Rabs_pos_eq (t - s)) by lra.
    apply Rmult_le_compat_l with (r := γ) in Q2; [|lra].
    replace (γ * ((t - s) / γ)) with (t - s) in Q2 by (field; lra). exact Q2.
  - destruct (Q t s ltac:(lra)) as [Q1 Q2]. rewrite Rabs_minus_sym, (Rabs_pos_eq _ Q1),
      (Rabs_pos_eq (s - t)) by lra.
    apply Rmult_le_compat_l with (r := γ) in Q2; [|lra].
    replace (γ * ((s - t) / γ)) with (s - t) in Q2 by (field; lra). exact Q2.
Qed.
(** Step 9 of Theorem C.1: the scale C 2^-k *)
Lemma scale C γ : 0 < γ <= C -> exists k, C / 2 ^ S k < γ <= C / 2 ^ k.
Proof.
  intros [Hg HC]. assert (P2 : forall k, 0 < 2 ^ k) by (intro; apply pow_lt; lra).
  assert (Q : forall k, γ <= C / 2 ^ k \/ exists j, C / 2 ^ S j < γ <= C / 2 ^ j).
  { induction k as [|k IH]; [left; simpl; lra|]. destruct IH as [IH|]; [|now right].
      destruct (Rle_or_lt γ (C / 2 ^ S k)) as [L|L]; [now left|right; now exists k]. }
  destruct (Pow_x_infinity 2 ltac:(rewrite Rabs_pos_eq; lra) (C / γ + 1)) as (K & HK).
  specialize (HK K (le_n K)). rewrite Rabs_pos_eq in HK by (left; apply P2).
  destruct (Q K) as [L|L]; [exfalso|exact L]. pose proof (P2 K).
  apply Rmult_le_compat_r with (r := 2 ^ K) in L; [|lra].
  unfold Rdiv in L. rewrite Rmult_assoc, Rinv_l, Rmult_1_r in L by lra.
  assert (2 ^ K * γ >= (C / γ + 1) * γ) by (apply Rmult_ge_compat_r; lra).
  replace ((C / γ + 1) * γ) with (C + γ) in H0 by (field; lra). lra.
Qed.

Section TheoremC1.
Context {I : Type}.
Variables (filler : I * R) (D : law (I * R)) (F : (I -> R) -> Prop) (C : R) (n : nat).
Hypothesis D_law : is_law D.
Hypothesis n_pos : (1 <= n)%nat.
Hypothesis labels : forall x y, atom D (x, y) -> y = 1 \/ y = -1.
Hypothesis F_bounded : forall f x y, F f -> atom D (x, y) -> Rabs (f x) <= C.
Notation draws := (sample filler n D).
Notation R_n := (expected_complexity filler n F D).
Notation R_hat := (empirical_complexity n F).
Let Hn : 0 < INR n := lt_0_INR n ltac:(lia).
Let L_draws : is_law draws := sample_law filler n D D_law.

(** McDiarmid with c_i = k/n. *)
Lemma deviation (V : (nat -> I * R) -> R) k δ : 0 < k -> bounded_differences n V (fun _ => k / n) ->
  0 < δ <= 1 ->
  1 - δ <= Pr draws (fun s => V s <= expect draws V + k * sqrt (ln (1 / δ) / (2 * n))).
Proof.
  intros Hk B [H0 H1]. rewrite Pr_not by exact L_draws. set (t := sqrt (ln (1 / δ) / (2 * n))).
  assert (L0 : 0 <= ln (1 / δ)).
  { rewrite <- ln_1. apply ln_mono; [lra|]. unfold Rdiv. rewrite Rmult_1_l, <- Rinv_1.
    apply Rinv_le_contravar; lra. }
  assert (Sc : sum n (fun _ => (k / n) ^ 2) = k ^ 2 / n) by (rewrite sum_const; field; lra).
  assert (T2 : t ^ 2 = ln (1 / δ) / (2 * n)).
  { unfold t. rewrite <- Rsqr_pow2. apply Rsqr_sqrt. apply Rmult_le_pos; [exact L0|].
    left. apply Rinv_0_lt_compat. lra. }
  pose proof (McDiarmid filler n (fun _ => D) V (fun _ => k / n) (k * t) (fun _ => D_law) B) as M.
  cbv beta in M. rewrite Sc in M.
  specialize (M ltac:(apply Rdiv_lt_0_compat; [now apply pow_lt|exact Hn])
                ltac:(apply Rmult_le_pos; [lra|apply sqrt_pos])). fold draws in M.
  assert (Ex : exp (- (2 * (k * t) ^ 2 / (k ^ 2 / n))) = δ).
  { rewrite Rpow_mult_distr, T2.
    replace (- (2 * (k ^ 2 * (ln (1 / δ) / (2 * n))) / (k ^ 2 / n))) with (- ln (1 / δ)) by (field; lra).
    unfold Rdiv. rewrite Rmult_1_l, ln_Rinv, Ropp_involutive by lra. now apply exp_ln. }
  rewrite Ex in M. unfold sample in *. set (m := expect (product filler n (fun _ => D)) V) in *.
  assert (Pr (product filler n (fun _ => D)) (fun s => ~ V s <= m + k * t)
    <= Pr (product filler n (fun _ => D)) (fun s => V s - m >= k * t)); [|lra].
  apply Pr_le; [exact L_draws|]. intros s _ H. apply Rnot_le_lt in H. lra.
Qed.

(** ** One margin *)
Section OneMargin.
Hypothesis nonempty : exists f, F f.
Variable γ : R.
Hypothesis gam_pos : 0 < γ.
Definition lead (f : I -> R) (z : I * R) : R := ramp γ (snd z * f (fst z)).
Notation R_ramp := (fun s => complexity n F (fun f i => lead f (s i))).
Lemma lead_range f z : 0 <= lead f z <= 1. Proof. apply ramp_range. Qed.
(** Step 4 of Theorem C.1 *)
Lemma error_ramp f : error D f <= expect D (lead f).
Proof.
  apply expect_le; [exact D_law|]. intros z _. pose proof (lead_range f z).
  destruct (decide _) as [H0|_]; [|lra]. unfold lead. rewrite ramp_low by assumption. lra.
Qed.
Lemma train_ramp s f : / INR n * sum n (fun i => lead f (s i)) <= training_error n s f γ.
Proof.
  apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|]. apply sum_le. intros i _.
  destruct (Rlt_dec _ _) as [H|H]; [apply lead_range|].
  unfold lead. rewrite ramp_high by lra. lra.
Qed.
(** Step 5 of Theorem C.1 *)
Definition gap (s : nat -> I * R) : R :=
  sup F (fun f => expect D (lead f) - / INR n * sum n (fun i => lead f (s i))).
Lemma mean_lead f : 0 <= expect D (lead f) <= 1.
Proof.
  split; [rewrite <- (expect_zero D)|rewrite <- (expect_const D 1 D_law)];
    (apply expect_le; [exact D_law|]); intros; apply lead_range.
Qed.
Lemma mean_train_pos f s : 0 <= / INR n * sum n (fun i => lead f (s i)).
Proof.
  apply Rmult_le_pos; [left; now apply Rinv_0_lt_compat|].
  apply Rle_trans with (sum n (fun _ => 0)); [rewrite sum_const; lra|]. apply sum_le. intros.
  apply lead_range.
Qed.
Lemma gap_differences : bounded_differences n gap (fun _ => 1 / n).
Proof.
  unfold Rdiv. rewrite Rmult_1_l.
  intros s i z Hi. unfold gap. apply (sup_close F _ _ 1); [exact nonempty| | |].
  - intros f _. pose proof (mean_lead f). pose proof (mean_train_pos f (put s i z)). lra.
  - intros f _. pose proof (mean_lead f). pose proof (mean_train_pos f s). lra.
  - intros f _. rewrite (sum_put n (lead f) z s i Hi).
    match goal with |- Rabs ?u <= _ => replace u with (/ INR n * (lead f (s i) - lead f z)) by ring end.
    rewrite Rabs_mult, Rabs_pos_eq by (left; now apply Rinv_0_lt_compat).
    rewrite <- (Rmult_1_r (/ INR n)) at 2. apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|].
    pose proof (lead_range f z). pose proof (lead_range f (s i)). apply Rabs_le_between. lra.
Qed.
(** Step 7 of Theorem C.1 *)
Lemma ramp_contraction s : atom draws s -> R_ramp s <= / γ * R_hat s.
Proof.
  intro Hs. pose proof (sample_atom filler n D s D_law Hs) as At.
  set (yy := fun i => if Rle_dec (Rabs (snd (s i))) 1 then snd (s i) else 0).
  set (phi := fun i t => γ * (ramp γ (yy i * t) - 1)).
  assert (Hphi : forall i, contraction_map (phi i)).
  { intro i. assert (Y : Rabs (yy i) <= 1) by (unfold yy; destruct (Rle_dec _ _);
      [assumption|rewrite Rabs_R0; lra]). split.
    - unfold phi. rewrite Rmult_0_r, ramp_low by lra. ring.
    - intros u v. unfold phi. apply Rle_trans with (1 := ramp_lip γ _ _ gam_pos).
      replace (yy i * u - yy i * v) with (yy i * (u - v)) by ring.
      rewrite Rabs_mult. rewrite <- (Rmult_1_l (Rabs (u - v))) at 2.
      apply Rmult_le_compat_r; [apply Rabs_pos|exact Y]. }
  assert (Bd : forall f i, F f -> (i < n)%nat -> Rabs (f (fst (s i))) <= C).
  { intros f i Hf Hi. apply (F_bounded f _ (snd (s i)) Hf). rewrite <- surjective_pairing. now apply At. }
  pose proof (contraction_sup n F n_pos nonempty (fun f i => f (fst (s i))) phi C Bd Hphi) as Q.
  fold (R_hat s) in Q.
  apply Rmult_le_reg_l with γ; [exact gam_pos|]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra.
  apply Rle_trans with (2 := Q).
  unfold complexity. rewrite <- Rmult_assoc, (Rmult_comm γ), Rmult_assoc.
  apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|].
  rewrite <- E_scal.
  replace (E n (fun e => sup F (fun f => signed_sum e (fun i => phi i (f (fst (s i))))))) with
    (E n (fun e => sup F (fun f => signed_sum e (fun i => phi i (f (fst (s i))))) + γ
      * signed_sum e (fun _ => 1))) by (rewrite E_plus, E_scal, mean_signs; ring).
  apply E_le. intros e Ie. apply Rmult_le_reg_l with (/ γ); [now apply Rinv_0_lt_compat|].
  rewrite <- Rmult_assoc, Rinv_l, Rmult_1_l by lra.
  apply sup_least; [exact nonempty|]. intros f Hf.
  assert (V : signed_sum e (fun i => phi i (f (fst (s i)))) = γ * signed_sum e (fun i => lead f (s i)) - γ
    * signed_sum e (fun _ => 1)).
  { rewrite (signed_sum_ext_n n e _ (fun i => γ * lead f (s i) + - γ * 1) Ie).
    - rewrite signed_sum_plus, !signed_sum_scal. ring.
    - intros i Hi. unfold phi, lead. replace (yy i) with (snd (s i)); [ring|]. unfold yy.
      destruct (Rle_dec _ _) as [|N]; [reflexivity|exfalso; apply N].
      destruct (labels (fst (s i)) (snd (s i))) as [-> | ->];
        [rewrite <- surjective_pairing; now apply At|rewrite Rabs_R1; lra|rewrite Rabs_left; lra]. }
  assert (G : signed_sum e (fun i => phi i (f (fst (s i))))
    <= sup F (fun f => signed_sum e (fun i => phi i (f (fst (s i)))))).
  { apply (sup_ge F (fun f => signed_sum e (fun i => phi i (f (fst (s i))))) (INR n * C)); [|exact Hf].
      intros g Hg.
    apply (values_bound n F (fun g i => phi i (g (fst (s i)))) C); [|exact Ie|exact Hg].
    intros g' i Hg' Hi. destruct (Hphi i) as [P0 Lip].
    pose proof (Lip (g' (fst (s i))) 0) as Q1. rewrite P0, !Rminus_0_r in Q1.
    apply Rle_trans with (1 := Q1). now apply Bd. }
  apply Rmult_le_reg_l with γ; [exact gam_pos|]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra. lra.
Qed.
Lemma ramp_expected : expect draws R_ramp <= / γ * R_n.
Proof. unfold expected_complexity. rewrite <- expect_scal. apply expect_le; [exact L_draws|].
exact ramp_contraction. Qed.
Lemma gap_error s f : F f -> error D f <= training_error n s f γ + gap s.
Proof.
  intro Hf. pose proof (error_ramp f). pose proof (train_ramp s f).
  assert (expect D (lead f) - / INR n * sum n (fun i => lead f (s i)) <= gap s); [|lra].
  apply (sup_ge F (fun f => expect D (lead f) - / INR n * sum n (fun i => lead f (s i))) 1); [|exact Hf].
  intros g _. pose proof (mean_lead g). pose proof (mean_train_pos g s). lra.
Qed.
Lemma gap_mean : expect draws gap <= 2 * expect draws R_ramp.
Proof. apply (symmetrisation n F n_pos nonempty filler D D_law lead lead_range). Qed.
(** Step 7 of Theorem C.1 *)
Lemma one_margin δ : 0 < δ <= 1 ->
  1 - δ <= Pr draws (fun s => forall f, F f ->
    error D f <= training_error n s f γ + 2 / γ * R_n + 1 * sqrt (ln (1 / δ) / (2 * INR n))).
Proof.
  intro Hd. apply Rle_trans with (1 := deviation gap 1 δ Rlt_0_1 gap_differences Hd).
  apply Pr_le; [exact L_draws|].
  intros s _ H f Hf.
  pose proof (gap_error s f Hf). pose proof gap_mean. pose proof ramp_expected. unfold Rdiv at 1. lra.
Qed.
(** Step 11 of Theorem C.1 *)
Lemma ramp_differences : bounded_differences n (fun s => - R_ramp s) (fun _ => / INR n).
Proof.
  intros s i z Hi. replace (- R_ramp (put s i z) - - R_ramp s) with (- (R_ramp (put s i z) - R_ramp s))
    by ring. rewrite Rabs_Ropp.
  unfold complexity. rewrite <- Rmult_minus_distr_l, Rabs_mult, Rabs_pos_eq
    by (left; now apply Rinv_0_lt_compat).
  rewrite <- (Rmult_1_r (/ INR n)) at 2. apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|].
  assert (Q : forall e, In e (signs n) ->
    Rabs (sup F (fun f => signed_sum e (fun j => lead f (put s i z j))) - sup F
    (fun f => signed_sum e (fun j => lead f (s j)))) <= 1).
  { intros e Ie. apply (sup_close F _ _ (INR n * 1)); [exact nonempty| | |].
    - intros f Hf. apply (values_bound n F (fun f j => lead f (put s i z j)) 1); [|exact Ie|exact Hf].
      intros g j _ _. pose proof (lead_range g (put s i z j)). apply Rabs_le_between. lra.
    - intros f Hf. apply (values_bound n F (fun f j => lead f (s j)) 1); [|exact Ie|exact Hf].
      intros g j _ _. pose proof (lead_range g (s j)). apply Rabs_le_between. lra.
    - intros f _. apply (signed_sum_put n (lead f) z 1); [|exact Ie|exact Hi]. intro z'.
      pose proof (lead_range f z). pose proof (lead_range f z'). apply Rabs_le_between. lra. }
  apply Rabs_le_between. split.
  - assert (E n (fun e => sup F (fun f => signed_sum e (fun j => lead f (s j))))
      <= E n (fun e => sup F (fun f => signed_sum e (fun j => lead f (put s i z j))) + 1)).
    { apply E_le. intros e Ie. specialize (Q e Ie). apply Rabs_le_between in Q. lra. }
    rewrite E_plus, E_const in H. lra.
  - assert (E n (fun e => sup F (fun f => signed_sum e (fun j => lead f (put s i z j))))
      <= E n (fun e => sup F (fun f => signed_sum e (fun j => lead f (s j))) + 1)).
    { apply E_le. intros e Ie. specialize (Q e Ie). apply Rabs_le_between in Q. lra. }
    rewrite E_plus, E_const in H. lra.
Qed.
Lemma both_differences : bounded_differences n (fun s => gap s - 2 * R_ramp s) (fun _ => 3 / n).
Proof.
  intros s i z Hi. pose proof (gap_differences s i z Hi) as A. pose proof (ramp_differences s i z Hi) as B.
  cbv beta in *. apply Rabs_le_between in A. apply Rabs_le_between in B. unfold Rdiv in *.
  apply Rabs_le_between. lra.
Qed.
Lemma one_margin_empirical δ : 0 < δ <= 1 ->
  1 - δ <= Pr draws (fun s => forall f, F f ->
    error D f <= training_error n s f γ + 2 / γ * R_hat s + 3 * sqrt (ln (1 / δ) / (2 * n))).
Proof.
  intro Hd. apply Rle_trans with (1 :=
    deviation (fun s => gap s - 2 * R_ramp s) 3 δ ltac:(lra) both_differences Hd).
  apply Pr_le; [exact L_draws|]. intros s Hs H f Hf. cbv beta in H.
  rewrite (expect_ext draws (fun s => gap s - 2 * R_ramp s) (fun s => gap s + -2 * R_ramp s)),
    expect_plus, expect_scal in H by (intro; ring).
  pose proof (gap_error s f Hf). pose proof gap_mean. pose proof (ramp_contraction s Hs). unfold Rdiv at 1.
  cbv beta in *. lra.
Qed.
End OneMargin.

(** ** All margins (steps 8 and 9) *)
Lemma log2_ge k γ : 0 < γ -> γ <= C / 2 ^ k -> INR k + 2 <= log2 (4 * C / γ).
Proof.
  intros Hg H. assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (P : 0 < 2 ^ k) by (apply pow_lt; lra).
  unfold log2. apply Rmult_le_reg_r with (ln 2); [exact L2|]. unfold Rdiv at 1.
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  replace ((INR k + 2) * ln 2) with (ln (2 ^ S (S k))) by (rewrite ln_pow, !S_INR by lra; ring).
  apply ln_mono; [apply pow_lt; lra|].
  apply Rmult_le_reg_r with γ; [exact Hg|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  apply Rmult_le_compat_l with (r := 4 * 2 ^ k) in H; [|lra].
  replace (4 * 2 ^ k * (C / 2 ^ k)) with (4 * C) in H by (field; lra). simpl. lra.
Qed.
Lemma peeling (RR : (nat -> I * R) -> R) a b : 0 <= a -> 1 <= b -> (forall s, atom draws s -> 0 <= RR s) ->
  (forall γ δ, 0 < γ -> 0 < δ <= 1 ->
    1 - δ <= Pr draws (fun s => forall f, F f ->
      error D f <= training_error n s f γ + 2 / γ * RR s + a * sqrt (ln (b / δ) / (2 * INR n)))) ->
  forall δ, 0 < δ -> 1 - δ <= Pr draws (fun s => forall f γ, F f -> 0 < γ <= C ->
    error D f <= training_error n s f γ + 4 / γ * RR s + a * sqrt (ln (log2 (4 * C / γ)) / INR n) + a
      * sqrt (ln (b / δ) / (2 * INR n))).
Proof.
  intros Ha Hb Rpos One δ Hd. destruct (Rle_or_lt δ 1) as [Hd1|Hd1].
  2:{ apply Rle_trans with 0; [lra|]. rewrite <- (expect_zero draws). apply expect_le; [exact L_draws|].
        intros s _. destruct (decide _); lra. }
  destruct (Rle_or_lt C 0) as [HC|HC].
  { rewrite <- (expect_const draws (1 - δ) L_draws). apply expect_le; [exact L_draws|].
      intros s _. destruct (decide _) as [|N]; [lra|exfalso]. apply N. intros f γ _ Hg. lra. }
  set (gk := fun k => C / 2 ^ S k). set (dk := fun k => δ / ((INR k + 1) * (INR k + 2))).
  assert (Gpos : forall k, 0 < gk k) by (intro; apply Rdiv_lt_0_compat; [exact HC|apply pow_lt; lra]).
  assert (Dpos : forall k, 0 < dk k <= 1).
  { intro k. pose proof (pos_INR k). unfold dk. assert (1 <= (INR k + 1) * (INR k + 2)) by nra. split;
      [apply Rdiv_lt_0_compat; lra|].
    apply Rmult_le_reg_r with ((INR k + 1) * (INR k + 2)); [lra|]. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l by lra. lra. }
  apply Rle_trans with (1 :=
    union_bound draws _ dk δ L_draws (fun k => One (gk k) (dk k) (Gpos k) (Dpos k)) ltac:(
    intro K; assert (T : sum K dk = δ * (1 - / (INR K + 1))) by
      (induction K as [|K IH]; [simpl; field|cbn [sum]; rewrite IH, S_INR; unfold dk;
        pose proof (pos_INR K); field; repeat split; lra]);
    rewrite T; pose proof (pos_INR K); assert (0 < / (INR K + 1)) by (apply Rinv_0_lt_compat; lra); nra)).
  apply Pr_le; [exact L_draws|]. intros s Hs H f γ Hf Hg. destruct (scale C γ Hg) as (k & Hk1 & Hk2).
  specialize (H k f Hf).
  fold (gk k) in Hk1. pose proof (Gpos k) as Gk. pose proof (Rpos s Hs) as R0. pose proof (pos_INR k) as K0.
  assert (T1 : training_error n s f (gk k) <= training_error n s f γ).
  { apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|].
      apply sum_le. intros i _. destruct (Rlt_dec _ (gk k)), (Rlt_dec _ γ); lra. }
  assert (T2 : 2 / gk k * RR s <= 4 / γ * RR s).
  { apply Rmult_le_compat_r; [exact R0|]. assert (γ <= 2 * gk k). { unfold gk. apply Rle_trans with (1 :=
      Hk2). right. simpl. field. apply pow_nonzero. lra. }
    apply Rmult_le_reg_r with (gk k * γ); [apply Rmult_lt_0_compat; lra|].
    replace (2 / gk k * (gk k * γ)) with (2 * γ) by (field; lra).
    replace (4 / γ * (gk k * γ)) with (4 * gk k) by (field; lra). lra. }
  pose proof (log2_ge k γ ltac:(lra) Hk2) as Lg. set (l := log2 (4 * C / γ)) in *.
  assert (Bd : 0 <= ln (b / δ)).
  { rewrite <- ln_1. apply ln_mono; [lra|]. apply Rmult_le_reg_r with δ; [exact Hd|].
      unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  assert (Ll : 0 <= ln l) by (rewrite <- ln_1; apply ln_mono; lra).
  assert (T3 : sqrt (ln (b / dk k) / (2 * INR n)) <= sqrt (ln l / INR n) + sqrt (ln (b / δ) / (2 * INR n))).
  { rewrite Rplus_comm. apply Rle_trans with (sqrt (ln (b / δ) / (2 * INR n) + ln l / INR n)).
    - apply sqrt_le_1_alt. replace (ln (b / δ) / (2 * INR n) + ln l / INR n)
        with ((ln (b / δ) + 2 * ln l) / (2 * INR n)) by (field; lra).
      apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra|]. unfold dk.
      replace (b / (δ / ((INR k + 1) * (INR k + 2)))) with (b / δ * ((INR k + 1) * (INR k + 2)))
        by (field; repeat split; lra).
      rewrite ln_mult; [|apply Rdiv_lt_0_compat; lra|apply Rmult_lt_0_compat; lra]. apply Rplus_le_compat_l.
      replace (2 * ln l) with (ln (l ^ 2)) by (rewrite ln_pow by lra; simpl; ring).
      apply ln_mono; [apply Rmult_lt_0_compat; lra|]. simpl. rewrite Rmult_1_r. apply Rmult_le_compat; lra.
    - apply sqrt_sum; apply Rmult_le_pos; try assumption; left; apply Rinv_0_lt_compat; lra. }
  pose proof (Rmult_le_compat_l a _ _ Ha T3). lra.
Qed.

Lemma empirical_complexity_nonneg s : (exists f, F f) -> atom draws s -> 0 <= R_hat s.
Proof.
  intros Ex Hs. apply (complexity_nonneg n F n_pos Ex _ C). intros f i Hf Hi.
  apply (F_bounded f _ (snd (s i)) Hf). rewrite <- surjective_pairing.
  now apply (sample_atom filler n D s D_law Hs).
Qed.
Lemma vacuous (Q : (nat -> I * R) -> Prop) δ : 0 < δ -> (forall s, Q s) -> 1 - δ <= Pr draws Q.
Proof. intros Hd H. rewrite <- (expect_const draws (1 - δ) L_draws). apply expect_le; [exact L_draws|].
intros s _. destruct (decide (Q s)) as [|N]; [lra|destruct N; apply H]. Qed.

Lemma margin_bound_expected δ : 0 < δ ->
  1 - δ <= Pr draws (fun s => forall f γ, F f -> 0 < γ <= C ->
    error D f <= training_error n s f γ + 4 / γ * R_n + sqrt (ln (log2 (4 * C / γ)) / INR n)
      + sqrt (ln (1 / δ) / (2 * INR n))).
Proof.
  intro Hd. destruct (classic (exists f, F f)) as [Ex|No];
    [|apply vacuous; [exact Hd|]; intros s f γ Hf; exfalso; apply No; now exists f].
  assert (P0 : 0 <= R_n) by (unfold expected_complexity; rewrite <- (expect_zero draws); apply expect_le;
    [exact L_draws|]; intros s Hs; now apply empirical_complexity_nonneg).
  apply Rle_trans with (1 :=
    peeling (fun _ => R_n) 1 1 ltac:(lra) ltac:(lra) (fun _ _ => P0) (fun γ δ Hg => one_margin Ex γ Hg δ) δ
    Hd).
  apply Pr_le; [exact L_draws|]. intros s _ H f γ Hf Hg. specialize (H f γ Hf Hg). cbv beta in H. lra.
Qed.
Lemma margin_bound_empirical δ : 0 < δ ->
  1 - δ <= Pr draws (fun s => forall f γ, F f -> 0 < γ <= C ->
    error D f <= training_error n s f γ + 4 / γ * R_hat s + 3 * sqrt (ln (log2 (4 * C / γ)) / INR n) + 3
      * sqrt (ln (1 / δ) / (2 * INR n))).
Proof.
  intro Hd. destruct (classic (exists f, F f)) as [Ex|No];
    [|apply vacuous; [exact Hd|]; intros s f γ Hf; exfalso; apply No; now exists f].
  exact (peeling R_hat 3 1 ltac:(lra) ltac:(lra) (fun s => empirical_complexity_nonneg s Ex)
    (fun γ δ Hg => one_margin_empirical Ex γ Hg δ) δ Hd).
Qed.
End TheoremC1.
Theorem theorem_C_1 : Theorem_C_1.
Proof.
  intros X filler D F C n L Hn Hy HF δ Hd. split.
  - now apply margin_bound_expected.
  - now apply margin_bound_empirical.
Qed.
