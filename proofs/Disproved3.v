(** * The twins of Section 3 are false *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From MarginTheory Require Import Vocabulary Statements Twins Sums Elementary Vectors FiniteLaws Signs
  Rademacher.
From MarginTheory Require Import Networks DeepComplexity DeepNetworks TwoLayers NetworkModel Urn.
Import ListNotations.
Open Scope R_scope.

(** ** Theorem C.1: an urn with N >> n inputs and all functions with values 1 and -1 *)
Definition all_signs (f : nat -> R) : Prop := forall j, f j = 1 \/ f j = -1.
Lemma all_signs_abs f j : all_signs f -> Rabs (f j) <= 1.
Proof. intro H. destruct (H j) as [-> | ->]; [rewrite Rabs_R1|rewrite Rabs_left]; lra. Qed.
Lemma small_root b v n : 0 < b -> 0 <= v <= 1 -> / b ^ 2 + 1 < INR n -> sqrt (v / n) < b.
Proof.
  intros Hb Hv Hn. assert (b2 : 0 < b ^ 2) by now apply pow_lt. pose proof (Rinv_0_lt_compat _ b2).
  assert (N0 : 0 < n) by lra. pose proof (Rinv_0_lt_compat _ N0).
  apply Rsqr_incrst_0; [|apply sqrt_pos|lra].
  rewrite Rsqr_sqrt by (apply Rmult_le_pos; lra). rewrite Rsqr_pow2.
  apply Rle_lt_trans with (/ n); [unfold Rdiv; nra|]. rewrite <- (Rinv_inv (b ^ 2)).
  apply Rinv_lt_contravar; [apply Rmult_lt_0_compat; lra|lra].
Qed.
(** The function that is 1 at the sample and -1 elsewhere has no training error and errs nearly always. *)
Section Memoriser.
Variables (n N : nat) (s : nat -> nat * R).
Hypothesis N_pos : (1 <= N)%nat.
Let D := urn (fun j => j) N.
Hypothesis drawn : forall i, (i < n)%nat -> atom D (s i).
Definition memory (j : nat) : R := if decide (seen n s j) then 1 else -1.
Lemma memory_signs : all_signs memory.
Proof. intro j. unfold memory. destruct (decide _); [now left|now right]. Qed.
Lemma memory_training : training_error n s memory 1 = 0.
Proof.
  unfold training_error. rewrite (sum_ext n _ (fun _ => 0)); [rewrite sum_const; ring|]. intros i Hi.
  pose proof (drawn i Hi) as A. rewrite (surjective_pairing (s i)) in A. apply urn_atom in A as [-> _].
  rewrite Rmult_1_l. unfold memory. destruct (decide _) as [_|No]; [|exfalso; apply No; now exists i].
  destruct (Rlt_dec 1 1); [lra|reflexivity].
Qed.
Lemma memory_error : 1 - n * / N <= error D memory.
Proof.
  apply (urn_error (fun j => j) (fun j k E => E) N n s memory N_pos). intros j _ No. unfold memory.
  destruct (decide _); [contradiction|lra].
Qed.
End Memoriser.
Lemma complexity_of_signs n s : (1 <= n)%nat -> 0 <= empirical_complexity n all_signs s <= 1.
Proof.
  intro Hn. assert (HnR : 0 < n) by (apply lt_0_INR; lia).
  assert (Ex : exists f, all_signs f) by (exists (fun _ => 1); intro; now left).
  assert (Bd : forall f i, all_signs f -> (i < n)%nat -> Rabs (f (fst (s i))) <= 1).
  { intros f i Hf _. now apply all_signs_abs. }
  unfold empirical_complexity. split.
  - now apply (complexity_nonneg n all_signs Hn Ex _ 1).
  - apply Rle_trans with (/ n * (n * 1)); [|right; field; lra].
    apply (complexity_le n all_signs Hn Ex _ 1); [exact Bd|]. intros t Ht.
    apply Rle_trans with (E n (fun _ => n * 1)); [|rewrite E_const; lra].
    apply E_le. intros e Ie. apply (values_bound n all_signs (fun g i => g (fst (s i))) 1);
      [exact Bd|exact Ie|apply Ht].
Qed.
(** With both roots below b = (1 - max(c, 0)) / 3, a total of c and 2b does not reach 1 - b. *)
Section Urns.
Variable c : R.
Hypothesis small : c < 1.
Let b := (1 - Rmax c 0) / 3.
Lemma b_pos : 0 < b.
Proof. unfold b, Rmax. destruct (Rle_dec c 0); lra. Qed.
Lemma an_urn : exists n N : nat, (1 <= n)%nat /\ (1 <= N)%nat /\ / (b / 3) ^ 2 + 1 < n /\ n * / N < b.
Proof.
  pose proof b_pos as B. assert (b2 : 0 < (b / 3) ^ 2) by (apply pow_lt; lra).
  pose proof (Rinv_0_lt_compat _ b2).
  destruct (unbounded (/ (b / 3) ^ 2 + 1)) as (n & Hn).
  assert (Pn : (1 <= n)%nat) by (destruct n; [change (INR 0) with 0 in Hn; lra|lia]).
  assert (Rn : 0 < n) by (apply lt_0_INR; lia). assert (nb : 0 < n / b) by now apply Rdiv_lt_0_compat.
  destruct (unbounded (n / b + 1)) as (N & HN).
  assert (PN : (1 <= N)%nat) by (destruct N; [change (INR 0) with 0 in HN; lra|lia]).
  assert (RN : 0 < N) by (apply lt_0_INR; lia). exists n, N. repeat split; try assumption.
  apply Rmult_lt_reg_r with N; [exact RN|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  assert (INR n = n / b * b) by (field; lra). nra.
Qed.
Lemma two_roots n : / (b / 3) ^ 2 + 1 < INR n ->
  sqrt (ln (log2 (4 * 1 / 1)) / n) < b / 3 /\ sqrt (ln (1 / / 2) / (2 * n)) < b / 3.
Proof.
  intro Hn. pose proof b_pos as B. assert (b2 : 0 < (b / 3) ^ 2) by (apply pow_lt; lra).
  pose proof (Rinv_0_lt_compat _ b2).
  assert (L2 : 0 < ln 2 < 1) by (split; interval with (i_prec 40)). assert (Rn : 0 < n) by lra.
  split.
  - apply small_root; [lra| |exact Hn]. unfold log2. replace (4 * 1 / 1) with (2 * 2) by field.
    rewrite ln_mult by lra. replace ((ln 2 + ln 2) / ln 2) with 2 by (field; lra). lra.
  - replace (ln (1 / / 2) / (2 * n)) with (ln 2 / 2 / n) by (replace (1 / / 2) with 2 by field; field; lra).
    apply small_root; [lra|lra|exact Hn].
Qed.
(** No sample satisfies a bound whose complexity term is at most c and whose roots are below b each. *)
Lemma no_sample (n N : nat) (T : (nat -> nat * R) -> R) : (1 <= N)%nat -> n * / N < b ->
  (forall s, T s <= Rmax c 0 + 2 * b) ->
  Pr (sample (O, 1) n (urn (fun j => j) N)) (fun s => forall f γ, all_signs f -> 0 < γ <= 1 -> γ = 1 ->
    error (urn (fun j => j) N) f <= training_error n s f γ + T s) <= 0.
Proof.
  intros HN Hb HT. pose proof (urn_law (fun j : nat => j) N HN) as L.
  pose proof (sample_law (O, 1) n _ L) as LS.
  apply never; [exact LS|]. intros s Hs Ev.
  pose proof (sample_atom (O, 1) n _ s L Hs) as At.
  specialize (Ev (memory n s) 1 (memory_signs n s) (conj Rlt_0_1 (Rle_refl 1)) eq_refl).
  rewrite (memory_training n N s At) in Ev. pose proof (memory_error n N s HN). pose proof (HT s).
  pose proof b_pos.
  assert (3 * b = 1 - Rmax c 0) by (unfold b; field). lra.
Qed.
End Urns.
Lemma scaled_complexity c R : 0 <= R <= 1 -> c / 1 * R <= Rmax c 0.
Proof. intro H. replace (c / 1) with c by field. pose proof (Rmax_l c 0). pose proof (Rmax_r c 0). nra. Qed.

Theorem twin_C_1 : ~ Twin_C_1.
Proof.
  intros (c & Hc & H). destruct (an_urn c Hc) as (n & N & Hn & HN & Hr & Hb).
  pose proof (urn_law (fun j : nat => j) N HN) as L. pose proof (sample_law (O, 1) n _ L) as LS.
  destruct (two_roots c Hc n Hr) as (R1 & R2). pose proof (b_pos c Hc) as B.
  specialize (H nat (O, 1) (urn (fun j => j) N) all_signs 1 n L Hn (urn_labels _ N)
    (fun f x y Hf _ => all_signs_abs f x Hf) (/ 2) ltac:(lra)).
  set (Ex := expected_complexity (O, 1) n all_signs (urn (fun j => j) N)) in *.
  assert (HE : 0 <= Ex <= 1).
  { unfold Ex, expected_complexity. set (P := sample (O, 1) n (urn (fun j => j) N)) in *. split.
    - apply Rle_trans with (expect P (fun _ => 0)); [rewrite expect_zero; lra|].
      apply expect_le; [exact LS|]. intros s _. now apply complexity_of_signs.
    - apply Rle_trans with (expect P (fun _ => 1)); [|rewrite (expect_const P 1 LS); lra].
      apply expect_le; [exact LS|]. intros s _. now apply complexity_of_signs. }
  pose proof (no_sample c Hc n N (fun _ => c / 1 * Ex + sqrt (ln (log2 (4 * 1 / 1)) / n)
    + sqrt (ln (1 / / 2) / (2 * n))) HN Hb) as Z.
  match type of Z with _ -> ?q => assert (Z' : q) end.
  { apply Z. intros _. pose proof (scaled_complexity c Ex HE). lra. }
  match type of H with _ <= ?q => match type of Z' with ?q' <= _ => assert (q <= q') end end; [|lra].
  apply Pr_le; [exact LS|]. intros s _ Ev f γ Hf Hg ->. pose proof (Ev f 1 Hf Hg). lra.
Qed.
Theorem twin_C_1_empirical : ~ Twin_C_1_empirical.
Proof.
  intros (c & Hc & H). destruct (an_urn c Hc) as (n & N & Hn & HN & Hr & Hb).
  pose proof (urn_law (fun j : nat => j) N HN) as L. pose proof (sample_law (O, 1) n _ L) as LS.
  destruct (two_roots c Hc n Hr) as (R1 & R2). pose proof (b_pos c Hc) as B.
  specialize (H nat (O, 1) (urn (fun j => j) N) all_signs 1 n L Hn (urn_labels _ N)
    (fun f x y Hf _ => all_signs_abs f x Hf) (/ 2) ltac:(lra)).
  pose proof (no_sample c Hc n N (fun s => c / 1 * empirical_complexity n all_signs s
    + 3 * sqrt (ln (log2 (4 * 1 / 1)) / n) + 3 * sqrt (ln (1 / / 2) / (2 * n))) HN Hb) as Z.
  match type of Z with _ -> ?q => assert (Z' : q) end.
  { apply Z. intro s. pose proof (scaled_complexity c _ (complexity_of_signs n s Hn)). lra. }
  match type of H with _ <= ?q => match type of Z' with ?q' <= _ => assert (q <= q') end end; [|lra].
  apply Pr_le; [exact LS|]. intros s _ Ev f γ Hf Hg ->. pose proof (Ev f 1 Hf Hg). lra.
Qed.

(** ** Lemma C.2: one example of length 1 *)
Definition unit_input : nat -> vec := fun _ _ => 1.
Lemma unit_length : len 1 (unit_input O) = 1.
Proof. unfold len, sq, unit_input. cbn [sum]. replace (0 + 1 ^ 2) with 1 by ring. apply sqrt_1. Qed.
Lemma unit_frob : frob_X 1 1 unit_input = 1.
Proof.
  unfold frob_X. cbn [sum]. rewrite unit_length. replace (0 + 1 ^ 2) with 1 by ring. apply sqrt_1.
Qed.
Lemma relu_is_relu t : @σ relu_activation t = relu t.
Proof. reflexivity. Qed.
Lemma one_unit K : (2 <= K)%nat ->
  complexity 1 (@deep relu_activation 1 K) (fun f i => f (unit_input i)) = rho K ^ K.
Proof.
  intro HK. rewrite (@one_example relu_activation relu_is_relu 1 K unit_input (le_n 1) HK).
  rewrite unit_length. ring.
Qed.
Theorem twin_C_2 : ~ Twin_C_2.
Proof.
  intro H. pose proof (one_unit 2 (le_n 2)) as V. pose proof (rhoK_pos 2 (le_n 2)) as RP.
  assert (B : complexity 1 (@deep relu_activation 1 2) (fun f i => f (unit_input i)) <= / 1
    * (0.98 * rho 2 ^ 2)).
  { change (/ 1) with (/ INR 1) at 1.
    apply (complexity_le 1 _ (le_n 1) (@deep_nonempty relu_activation 1 2 (le_n 2)) _ (0.98 * rho 2 ^ 2)).
    - intros f i Hf _. pose proof (H relu_activation 1%nat 2%nat f (unit_input O) (le_n 2) Hf) as Q.
      rewrite <- rho_power, unit_length, Rmult_1_r in Q by lia. exact Q.
    - intros t Ht. cbn [E signed_sum].
      pose proof (H relu_activation 1%nat 2%nat _ (unit_input O) (le_n 2) (Ht [1])) as Q1.
      pose proof (H relu_activation 1%nat 2%nat _ (unit_input O) (le_n 2) (Ht [- (1)])) as Q2.
      rewrite <- rho_power, unit_length, Rmult_1_r in Q1, Q2 by lia.
      apply Rabs_le_between in Q1. apply Rabs_le_between in Q2. lra. }
  rewrite V in B. lra.
Qed.
Theorem twin_C_2_ii : ~ Twin_C_2_ii.
Proof.
  intros (c & K & Hc & HK & H). specialize (H relu_activation 1%nat 1%nat unit_input (le_n 1)).
  rewrite (one_unit K HK), unit_frob, <- rho_power in H by exact HK. pose proof (rhoK_pos K HK).
  change (INR 1) with 1 in H. unfold Rdiv in H. rewrite Rinv_1, !Rmult_1_r in H. nra.
Qed.
Theorem twin_C_2_S : ~ Twin_C_2_S.
Proof.
  intro H. specialize (H relu_activation 1%nat 1%nat unit_input 2%nat (le_n 1) (le_n 1) (le_n 2)
    relu_is_relu).
  rewrite (one_unit 2 (le_n 2)), <- rho_power, rho_sq in H by lia. simpl INR in H. lra.
Qed.
Theorem twin_C_2_S_upper : ~ Twin_C_2_S_upper.
Proof.
  intro H. specialize (H relu_activation 1%nat 1%nat unit_input (le_n 1) (le_n 1)).
  rewrite (one_unit 2 (le_n 2)), unit_frob, rho_sq in H by lia. simpl INR in H. lra.
Qed.
