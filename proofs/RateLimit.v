(** * Theorem 2.1-L: the constant of the deficit *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors Suprema FiniteLaws Entropy
  RateConstant Existence NormGrowth MaximumMargin BinaryCase.
Import ListNotations.
Open Scope R_scope.

Lemma coord q t v : (t < q)%nat -> continuous_at q (fun w => w t) v.
Proof. intros Ht e He. exists e. split; [exact He|]. intros w N. now apply N. Qed.
Lemma closed_le q (g : vec -> R) c : continuous_on q g -> closed q (fun v => g v <= c).
Proof.
  intros Hg v N. destruct (Hg v (g v - c) ltac:(lra)) as (d & D & Hd). exists d. split; [exact D|].
  intros w Nw. specialize (Hd w Nw). apply Rabs_lt_between in Hd. lra.
Qed.
Lemma closed_and q A B : closed q A -> closed q B -> closed q (fun v => A v /\ B v).
Proof.
  intros HA HB v N. destruct (classic (A v)) as [Av|NA].
  - destruct (HB v ltac:(tauto)) as (d & D & Hd). exists d. split; [exact D|]. intros w Nw [_ Bw].
    now apply (Hd w Nw).
  - destruct (HA v NA) as (d & D & Hd). exists d. split; [exact D|]. intros w Nw [Aw _]. now apply (Hd w Nw).
Qed.
Lemma closed_iff q A B : (forall v, A v <-> B v) -> closed q A -> closed q B.
Proof. intros E HA v N. destruct (HA v) as (d & D & Hd); [rewrite E; exact N|]. exists d.
split; [exact D|]. intros w Nw Bw. apply (Hd w Nw). now apply E. Qed.

Section RateLimit.
Context {Mo : Binary.model}.
Import Binary.
Hypothesis Z_convex : Z_is_convex.
Variable γ : R.
Hypothesis γ_pos : 0 < γ.
Hypothesis Hm : max_margin γ.
Notation p_star := (RateConstant.p_star γ).
Let ball Θ := norm Θ <= 1.
Let zero_in : ball (fun _ => 0).
Proof. unfold ball. pose proof norm_is_norm as HN. rewrite (is_norm_zero p norm HN) by reflexivity. lra. Qed.

(** ** Weights form a compact set *)
Definition viol (q : vec) : R := Rabs (sum n q - 1) + sum n (fun i => / 2 * (Rabs (q i) - q i)).
Lemma viol_weight q : viol q <= 0 <-> weight q.
Proof.
  assert (Θ : forall t, 0 <= / 2 * (Rabs t - t)) by (intro t; pose proof (Rle_abs t); lra). unfold viol.
  split.
  - intro V. pose proof (sum_nonneg n (fun i => / 2 * (Rabs (q i) - q i)) (fun i _ => Θ (q i))).
    pose proof (Rabs_pos (sum n q - 1)). split.
    + intros i Hi. pose proof (sum_term n (fun i => / 2 * (Rabs (q i) - q i)) i Hi (fun i _ => Θ (q i)))
        as Q. cbv beta in Q. apply Rnot_lt_le. intro Neg. rewrite Rabs_left in Q by exact Neg. lra.
    + destruct (Req_dec (sum n q - 1) 0) as [|N]; [lra|]. apply Rabs_pos_lt in N. lra.
  - intros [Q1 Q2]. rewrite Q2, Rminus_eq_0, Rabs_R0.
    rewrite (sum_ext n _ (fun _ => 0)); [rewrite sum_const; lra|]. intros i Hi.
    rewrite Rabs_pos_eq by now apply Q1. ring.
Qed.
Lemma viol_continuous : continuous_on n viol.
Proof.
  intro v. apply cont_plus.
  - apply (cont_comp n Rabs (fun q => sum n q - 1)); [|apply Rcontinuity_abs].
    apply (cont_minus n (fun q => sum n q) (fun _ => 1)); [|apply cont_const].
    apply (cont_sum n n (fun q i => q i)). intros. now apply coord.
  - apply (cont_sum n n (fun q i => / 2 * (Rabs (q i) - q i))). intros i Hi. apply cont_scal.
    apply cont_minus; [|now apply coord]. apply (cont_comp n Rabs (fun q => q i));
      [now apply coord|apply Rcontinuity_abs].
Qed.
Lemma weight_closed : closed n weight.
Proof. apply (closed_iff n (fun q => viol q <= 0)); [exact viol_weight|]. apply closed_le, viol_continuous.
Qed.
Lemma weight_le_1 q i : weight q -> (i < n)%nat -> 0 <= q i <= 1.
Proof. intros [Q1 Q2] Hi. split; [now apply Q1|]. rewrite <- Q2. apply (sum_term n q i Hi Q1). Qed.
Lemma weight_bounded (A : vec -> Prop) : (forall q, A q -> weight q) -> bounded n A.
Proof. intro HA. exists 1. intros q Hq k Hk. pose proof (weight_le_1 q k (HA q Hq) Hk).
rewrite Rabs_pos_eq; lra. Qed.
Lemma H_continuous : continuous_on n H.
Proof.
  intro v. apply (cont_ext n (fun q => -1 * sum n (fun i => phi (q i)))); [intro; unfold H; ring|].
  apply cont_scal.
  apply (cont_sum n n (fun q i => phi (q i))). intros i Hi.
  apply (cont_comp n phi (fun q => q i)); [now apply coord|apply phi_continuous].
Qed.

(** ** h_Z *)
Lemma margins_bounded : exists B, 0 <= B /\ forall Θ, ball Θ -> forall i, (i < n)%nat -> Rabs (mg Θ i) <= B.
Proof.
  pose proof norm_is_norm as HN. pose proof f_continuous as Hc.
  destruct (norm_coercive p norm HN) as (mm & Hmm & Co).
  destruct (Weierstrass p ball (fun Θ => -1 * sum n (fun i => Rabs (mg Θ i)))) as (Θ0 & K0 & H0).
  - apply closed_le. apply norm_continuous. exact HN.
  - exists (/ mm). intros v Kv k Hk. specialize (Co v k Hk). unfold ball in Kv.
    apply Rmult_le_reg_l with mm; [exact Hmm|]. rewrite Rinv_r; lra.
  - now exists (fun _ => 0).
  - intro v. apply (cont_scal p (-1) (fun Θ => sum n (fun i => Rabs (mg Θ i)))).
    apply (cont_sum p n (fun Θ i => Rabs (mg Θ i))). intros i Hi.
    apply (cont_comp p Rabs (fun Θ => mg Θ i)); [|apply Rcontinuity_abs].
    apply (cont_scal p (y i) (fun Θ => f Θ i)). exact (Hc i Hi v).
  - exists (sum n (fun i => Rabs (mg Θ0 i))). split; [apply sum_nonneg; intros; apply Rabs_pos|].
    intros Θ HT i Hi. specialize (H0 Θ HT).
    pose proof (sum_term n (fun i => Rabs (mg Θ i)) i Hi (fun i _ => Rabs_pos _)) as Q. cbv beta in Q. lra.
Qed.
Definition hZ (q : vec) : R := sup ball (fun Θ => dot n q (mg Θ)).
Lemma hZ_spec q : (forall Θ, ball Θ -> dot n q (mg Θ) <= hZ q) /\
  (forall C, (forall Θ, ball Θ -> dot n q (mg Θ) <= C) -> hZ q <= C).
Proof.
  destruct margins_bounded as (B & B0 & HB). apply (sup_correct ball _ (sum n (fun i => Rabs (q i) * B)));
    [now exists (fun _ => 0)|].
  intros Θ HT. apply sum_le. intros i Hi. apply Rle_trans with (1 := Rle_abs _). rewrite Rabs_mult.
  apply Rmult_le_compat_l; [apply Rabs_pos|now apply HB].
Qed.
Lemma hZ_continuous : continuous_on n hZ.
Proof.
  destruct margins_bounded as (B & B0 & HB). intros v e He.
  assert (Hn : 0 < INR n) by (apply lt_0_INR; pose proof n_pos; lia).
  set (d := e / (2 * (INR n * (B + 1)))). assert (P : 0 < INR n * (B + 1))
    by (apply Rmult_lt_0_compat; lra). assert (D : 0 < d) by (apply Rdiv_lt_0_compat; lra).
  assert (G : forall u w, near n d u w -> hZ w <= hZ u + e / 2).
  { intros u w N. apply (proj2 (hZ_spec w)). intros Θ HT. pose proof (proj1 (hZ_spec u) Θ HT) as Q.
    assert (X : dot n w (mg Θ) <= dot n u (mg Θ) + sum n (fun _ => d * (B + 1))).
    { unfold dot. rewrite <- sum_plus. apply sum_le. intros i Hi. specialize (N i Hi). pose proof
        (HB Θ HT i Hi) as Bi. pose proof (Rle_abs ((w i - u i) * mg Θ i)) as A. rewrite Rabs_mult in A.
      pose proof (Rabs_pos (w i - u i)). pose proof (Rabs_pos (mg Θ i)).
      assert (Rabs (w i - u i) * Rabs (mg Θ i) <= d * (B + 1)) by (apply Rmult_le_compat; lra). lra. }
    rewrite sum_const in X. replace (INR n * (d * (B + 1))) with (e / 2) in X
      by (unfold d; field; split; lra). lra. }
  exists d. split; [exact D|]. intros w N. assert (N' : near n d w v)
    by (intros k Hk; rewrite Rabs_minus_sym; now apply N). pose proof (G v w N). pose proof (G w v N').
  apply Rabs_lt_between. lra.
Qed.

(** ** Uniqueness of p star in the form that is needed *)
Definition dist (u v : vec) : R := sum n (fun i => Rabs (u i - v i)).
Lemma strictly_concave u v : weight u -> weight v -> 0 < dist u v ->
  H u / 2 + H v / 2 < H (fun i => (u i + v i) / 2).
Proof.
  intros [U1 _] [V1 _] D. assert (E : exists i, (i < n)%nat /\ u i <> v i).
  { apply NNPP. intro No. unfold dist in D. rewrite (sum_ext n _ (fun _ => 0)), sum_const in D; [lra|].
      intros i Hi. destruct (Req_dec (u i) (v i)) as [->|N];
      [rewrite Rminus_eq_0; apply Rabs_R0|exfalso; apply No; now exists i]. }
  destruct E as (k & Hk & N). unfold H.
  assert (Q : 0 < sum n (fun i => phi (u i) + phi (v i) + -2 * phi ((u i + v i) / 2))).
  { apply Rlt_le_trans with (phi (u k) + phi (v k) + -2 * phi ((u k + v k) / 2));
      [pose proof (phi_mid_strict _ _ (U1 k Hk) (V1 k Hk) N); lra|].
    apply (sum_term n (fun i => phi (u i) + phi (v i) + -2 * phi ((u i + v i) / 2)) k Hk). intros i Hi.
    pose proof (phi_mid _ _ (U1 i Hi) (V1 i Hi)). lra. }
  rewrite !sum_plus, sum_scal in Q. lra.
Qed.
Lemma close ps ε : p_star ps -> 0 < ε -> exists tau, 0 < tau /\ forall q, weight q -> H ps - tau <= H q ->
  (forall Θ, ball Θ -> dot n q (mg Θ) <= γ + tau) -> dist q ps < ε.
Proof.
  intros (Wp & [_ Hp] & Mx) He. set (K := fun q => weight q /\ - dist q ps <= - ε).
  destruct (classic (exists q, K q)) as [Ex|No].
  2:{ exists 1. split; [lra|]. intros q W _ _. apply Rnot_le_lt. intro L. apply No. exists q. split;
        [exact W|lra]. }
  set (A := fun q => H ps - H q). set (B := fun q => hZ q - γ).
  set (Psi := fun q => / 2 * (A q + B q + Rabs (A q - B q))).
  assert (PA : forall q, A q <= Psi q /\ B q <= Psi q /\ (A q = Psi q \/ B q = Psi q)).
  { intro q. unfold Psi, Rabs. destruct (Rcase_abs _).
    - split; [lra|]. split; [lra|]. right. lra.
    - split; [lra|]. split; [lra|]. left. lra. }
  assert (CA : continuous_on n A) by (intro v; apply cont_minus; [apply cont_const|exact (H_continuous v)]).
  assert (CB : continuous_on n B) by (intro v; apply cont_minus; [exact (hZ_continuous v)|apply cont_const]).
  destruct (Weierstrass n K Psi) as (q0 & [W0 D0] & Min).
  - apply closed_and; [exact weight_closed|]. apply closed_le. intro v.
    apply (cont_ext n (fun q => -1 * dist q ps)); [intro; ring|]. apply cont_scal.
    apply (cont_sum n n (fun q i => Rabs (q i - ps i))). intros i Hi.
    apply (cont_comp n Rabs (fun q => q i - ps i)); [|apply Rcontinuity_abs].
    apply (cont_minus n (fun q => q i) (fun _ => ps i)); [now apply coord|apply cont_const].
  - apply weight_bounded. intros q [W _]. exact W.
  - exact Ex.
  - intro v. apply cont_scal. apply cont_plus; [apply cont_plus; [exact (CA v)|exact (CB v)]|].
    apply (cont_comp n Rabs (fun q => A q - B q)); [|apply Rcontinuity_abs].
    apply cont_minus; [exact (CA v)|exact (CB v)].
  - assert (V : 0 < Psi q0).
    { apply Rnot_le_lt. intro Neg. destruct (PA q0) as (A0 & B0 & _). unfold A in A0. unfold B
        in B0. set (mid := fun i => (q0 i + ps i) / 2).
      assert (Wm : weight mid).
      { split; [intros i Hi; unfold mid; pose proof (proj1 W0 i Hi); pose proof (proj1 Wp i Hi); lra|].
          unfold mid. rewrite (sum_ext n _ (fun i => / 2 * (q0 i + ps i))) by (intros; field).
        rewrite sum_scal, sum_plus, (proj2 W0), (proj2 Wp). field. }
      assert (Hmid : is_h mid γ).
      { apply (optimal_is_h γ Hm mid Wm). intros Θ HT. pose proof (proj1 (hZ_spec q0) Θ HT). pose proof
          (Hp Θ HT).
        replace (dot n mid (mg Θ)) with (/ 2 * (dot n q0 (mg Θ) + dot n ps (mg Θ))); [lra|]. unfold dot.
        rewrite <- sum_plus, <- sum_scal. apply sum_ext. intros. unfold mid. field. }
      pose proof (Mx mid Wm Hmid). pose proof (strictly_concave q0 ps W0 Wp ltac:(lra)) as SC.
      fold mid in SC. lra. }
    exists (Psi q0 / 2). split; [lra|]. intros q W HH Hd. apply Rnot_le_lt. intro L.
    specialize (Min q (conj W (Ropp_le_contravar _ _ L))). destruct (PA q) as (_ & _ & [Q|Q]).
    + unfold A in Q. lra.
    + unfold B in Q. assert (hZ q <= γ + Psi q0 / 2) by (apply (proj2 (hZ_spec q)); exact Hd). lra.
Qed.

(** ** As lambda tends to 0 *)
Lemma eventually tau : 0 < tau -> exists λ0, 0 < λ0 /\ forall λ Θ, 0 < λ < λ0 -> minimiser λ Θ ->
  0 < norm Θ /\ 0 < normalised_margin Θ /\
  exp (- (norm Θ ** a * normalised_margin Θ)) <= tau /\
  (ln n + exp (- (norm Θ ** a * normalised_margin Θ))) / norm Θ ** a <= tau.
Proof.
  intro Ht. assert (n1 : 1 <= n) by (replace 1 with (INR 1) by reflexivity; apply le_INR, n_pos).
  assert (L0 : 0 <= ln n) by (rewrite <- ln_1; apply ln_mono; lra).
  set (S1 := 2 / (γ * tau)). set (S2 := (ln n + 1) / tau). set (S3 := 2 * (ln n + n) / γ).
  assert (P1 : 0 < S1) by (apply Rdiv_lt_0_compat; [lra|now apply Rmult_lt_0_compat]).
  assert (P2 : 0 < S2) by (apply Rdiv_lt_0_compat; lra).
  assert (P3 : 0 < S3) by (apply Rdiv_lt_0_compat; lra).
  destruct (@A_2_eps two_class γ (S1 + S2 + S3) γ_pos (proj1 (max_margin_agrees γ) Hm)) as (λ0 & Hl0 & A2).
  exists λ0. split; [exact Hl0|]. intros λ Θ Hl Min.
  specialize (A2 λ Θ Hl (proj1 (minimiser_agrees λ Θ) Min)). change (S1 + S2 + S3 < norm Θ ** a) in A2.
  assert (NT : 0 < norm Θ) by (apply Rnot_le_lt; intro N; unfold pw in A2; destruct (Rlt_dec 0 (norm Θ));
    lra).
  destruct (theorem_A_3 Mo) as (_ & _ & T). destruct (T γ Hm) as (_ & T2 & _).
  destruct (T2 λ Θ (proj1 Hl) Min NT) as (_ & Q1 & Q2). unfold Binary.s in Q1, Q2.
  set (s := pw (norm Θ) a) in *. set (gm := normalised_margin Θ) in *. assert (Sp : 0 < s) by lra.
  assert (Gm : γ / 2 < gm).
  {    assert (X : exp (- (s * γ)) <= 1) by (rewrite <- exp_0; apply exp_mono;
      assert (0 < s * γ) by (apply Rmult_lt_0_compat; lra); lra).
    assert (Y : (ln (INR n) + (INR n - 1) * exp (- (s * γ))) / s < γ / 2); [|lra].
    apply Rmult_lt_reg_r with s; [exact Sp|]. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    assert (Z : S3 * γ = 2 * (ln (INR n) + INR n)) by (unfold S3; field; lra).
    pose proof (exp_pos (- (s * γ))). nra. }
  assert (SG : 0 < s * gm) by (apply Rmult_lt_0_compat; lra).
  assert (E1 : exp (- (s * gm)) <= / (s * gm)).
  { rewrite exp_Ropp. apply Rinv_le_contravar; [assumption|]. pose proof (exp_ge1 (s * gm)). lra. }
  assert (E2 : / (s * gm) <= tau).
  { rewrite <- (Rinv_inv tau). apply Rinv_le_contravar; [now apply Rinv_0_lt_compat|].
      apply Rle_trans with (S1 * (γ / 2)); [right; unfold S1; field; lra|]. apply Rmult_le_compat; lra. }
  split; [exact NT|]. split; [lra|]. split; [lra|].
  assert (E3 : exp (- (s * gm)) <= 1) by (rewrite <- exp_0; apply exp_mono; lra).
  apply Rmult_le_reg_r with s; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  assert (S2 * tau <= s * tau) by (apply Rmult_le_compat_r; lra).
  assert (S2 * tau = ln (INR n) + 1) by (unfold S2; field; lra). lra.
Qed.
(* some weights have h_Z = γ⋆: the minimax theorem,
  from the minimisers of the logistic loss *)
Lemma optimal_exists : exists q, weight q /\ is_h q γ.
Proof.
  destruct (Weierstrass n weight hZ) as (q0 & W0 & Min).
  - exact weight_closed.
  - now apply weight_bounded.
  - assert (Hn : 0 < INR n) by (apply lt_0_INR; pose proof n_pos; lia). exists (fun _ => / INR n).
    split; [intros; left; now apply Rinv_0_lt_compat|]. rewrite sum_const. field. lra.
  - exact hZ_continuous.
  - exists q0. split; [exact W0|]. apply (optimal_is_h γ Hm q0 W0). intros Θ HT.
    apply Rle_trans with (1 := proj1 (hZ_spec q0) Θ HT). apply Rle_eps. intros eta He.
    destruct (eventually eta He) as (λ0 & Hl0 & Ev). destruct (theorem_A_3 Mo) as (Ex & _ & _).
    destruct (Ex (λ0 / 2) ltac:(lra)) as (Θ0 & Min0).
    destruct (Ev (λ0 / 2) Θ0 ltac:(lra) Min0) as (HT0 & Hg0 & _ & Hb).
    destruct (key Z_convex γ Hm (λ0 / 2) Θ0 ltac:(lra) Min0 HT0) as (om & E & Wo & _ & _ & Hh & _).
    apply Rle_trans with (1 := Min om Wo). apply (proj2 (hZ_spec om)). intros Θ' HT'.
    specialize (Hh Θ' HT'). lra.
Qed.
Theorem p_star_exists : exists q, p_star q.
Proof.
  destruct optimal_exists as (q1 & W1 & H1).
  destruct (Weierstrass n (fun q => weight q /\ hZ q <= γ) (fun q => -1 * H q)) as (q0 & [W0 H0] & Min).
  - apply closed_and; [exact weight_closed|]. apply closed_le, hZ_continuous.
  - apply weight_bounded. tauto.
  - exists q1. split; [exact W1|]. apply (proj2 (hZ_spec q1)). apply H1.
  - intro v. apply (cont_scal n (-1) H). exact (H_continuous v).
  - exists q0. split; [exact W0|]. split.
    + apply (optimal_is_h γ Hm q0 W0). intros Θ HT. apply Rle_trans with (1 := proj1 (hZ_spec q0) Θ HT).
      exact H0.
    + intros q' W' [_ H']. specialize (Min q' (conj W' (proj2 (hZ_spec q') γ H'))). lra.
Qed.
Lemma max_entry_ge q i : (i < n)%nat -> q i <= max_entry q.
Proof. intro Hi. unfold max_entry,
  Maximum. pose proof (Minimum_le (seq 0 n) (fun i => - q i) i ltac:(apply in_seq; lia)) as Q.
cbv beta in Q. lra. Qed.
Lemma max_entry_at q : exists i, (i < n)%nat /\ max_entry q = q i.
Proof.
  destruct (Minimum_attained (seq 0 n) (fun i => - q i)) as (j & Ij & Ej);
    [pose proof n_pos; destruct n; [lia|discriminate]|]. exists j. apply in_seq in Ij. split; [lia|].
  unfold max_entry, Maximum. rewrite Ej. ring.
Qed.
Lemma max_entry_range q : weight q -> 0 < max_entry q <= 1.
Proof.
  intro W. split.
  - apply Rnot_le_lt. intro N. assert (Neg : sum n q <= 0); [|rewrite (proj2 W) in Neg; lra].
    apply Rle_trans with (sum n (fun _ => 0)); [|rewrite sum_const; lra]. apply sum_le. intros i Hi.
    pose proof (max_entry_ge q i Hi). lra.
  - destruct (max_entry_at q) as (i & Hi & ->). now apply weight_le_1.
Qed.
Lemma max_entry_continuous : continuous_on n max_entry.
Proof.
  intro v. apply (cont_ext n (fun q => -1 * Minimum (seq 0 n) (fun i => - q i)));
    [intro; unfold max_entry, Maximum; ring|]. apply cont_scal.
  apply (cont_Minimum n (seq 0 n) (fun q i => - q i)). intros i Ii. apply in_seq in Ii.
  apply (cont_ext n (fun q => -1 * q i)); [intro; ring|]. apply cont_scal. apply coord. lia.
Qed.
(** ** Theorem 2.1-L *)
(** Step 4 of Theorem 2.1-L: the constant is at most Lambert's W((n-1)/e). *)
Lemma Lambert ps W : weight ps -> 0 <= W -> W * exp W = (n - 1) / exp 1 -> H ps + ln (max_entry ps) <= W.
Proof.
  intros Wp W0 EW. pose proof (max_entry_range ps Wp) as [M0 M1]. destruct (max_entry_at ps) as (j & Hj & Ej).
  set (m := max_entry ps) in *. pose proof (exp_pos 1) as P1. pose proof (exp_pos W) as PW.
  assert (En : n - 1 = W * exp (1 + W)).
  { rewrite exp_plus. apply Rmult_eq_reg_r with (/ exp 1); [|apply Rinv_neq_0_compat; lra].
    fold (Rdiv (n - 1) (exp 1)). rewrite <- EW. field. lra. }
  set (b := fun i => ps i * W + m * / exp (1 + W)).
  assert (T : forall i, (i < n)%nat -> ps i * (ln m - ln (ps i)) <= b i).
  { intros i Hi. destruct (proj1 Wp i Hi) as [Pi|Z]; unfold b; pose proof (exp_pos (1 + W)) as PE;
      pose proof (Rinv_0_lt_compat _ PE); [|rewrite <- Z, !Rmult_0_l, Rplus_0_l; apply Rmult_le_pos; lra].
    pose proof (ln_tangent (m / ps i) (exp (1 + W)) ltac:(now apply Rdiv_lt_0_compat) PE) as L.
    rewrite ln_exp in L.
    unfold Rdiv in L at 1. rewrite ln_mult, ln_Rinv in L by (try apply Rinv_0_lt_compat; assumption).
    apply Rmult_le_compat_l with (r := ps i) in L; [|lra].
    replace (ps i * (m / ps i / exp (1 + W) + (1 + W) - 1)) with (ps i * W + m * / exp (1 + W)) in L
      by (field; lra).
    lra. }
  assert (Sum : H ps + ln m = sum n (fun i => ps i * (ln m - ln (ps i)))).
  { rewrite (sum_ext n _ (fun i => ln m * ps i + -1 * phi (ps i))) by (intros; unfold phi; ring).
    rewrite sum_plus, !sum_scal, (proj2 Wp). unfold RateConstant.H. ring. }
  assert (Tj : b j - ps j * (ln m - ln (ps j)) <= sum n (fun i => b i + -1 * (ps i * (ln m - ln (ps i))))).
  { apply Rle_trans with (b j + -1 * (ps j * (ln m - ln (ps j)))); [lra|].
    apply (sum_term n (fun i => b i + -1 * (ps i * (ln m - ln (ps i)))) j Hj). intros i Hi.
    pose proof (T i Hi). lra. }
  rewrite sum_plus, sum_scal, <- Sum in Tj. unfold b in Tj.
  rewrite sum_plus, sum_const, (sum_ext n _ (fun i => W * ps i)), sum_scal, (proj2 Wp), <- Ej in Tj
    by (intros; ring).
  pose proof (exp_pos (1 + W)) as PE.
  replace (n * (m * / exp (1 + W))) with ((n - 1) * / exp (1 + W) * m + m * / exp (1 + W)) in Tj by ring.
  rewrite En in Tj. replace (W * exp (1 + W) * / exp (1 + W) * m) with (W * m) in Tj by (field; lra). lra.
Qed.
Lemma rate ps ε : p_star ps -> 0 < ε -> for_small_λ (fun λ => forall Θ, minimiser λ Θ ->
  Rabs (s Θ * (γ - normalised_margin Θ) - (entropy ps + ln (largest ps))) < ε).
Proof.
  intros Ps He. pose proof Ps as (Wp & Hp & Mx).
  destruct (H_continuous ps (ε / 4) ltac:(lra)) as (d1 & D1 & C1).
  destruct (cont_comp n ln max_entry ps (max_entry_continuous ps) (ln_cont _ (proj1 (max_entry_range ps Wp)))
    (ε / 4) ltac:(lra)) as (d2 & D2 & C2).
  destruct (close ps (Rmin d1 d2) Ps ltac:(now apply Rmin_glb_lt)) as (tau & Ht & Cl).
  destruct (eventually (Rmin tau (ε / 8)) ltac:(apply Rmin_glb_lt; lra)) as (λ0 & Hl0 & Ev).
  exists λ0. split; [exact Hl0|]. intros λ Hl Θ Min.
  destruct (Ev λ Θ Hl Min) as (HT & Hg & He1 & He2).
  pose proof (Rmin_l tau (ε / 8)). pose proof (Rmin_r tau (ε / 8)).
  destruct (key Z_convex γ Hm λ Θ (proj1 Hl) Min HT) as (om & E & Wo & K1 & K2 & K3 & K4).
  set (eta := exp (- (norm Θ ** a * normalised_margin Θ))) in *. specialize (K1 ps Wp Hp).
  assert (Dist : dist om ps < Rmin d1 d2).
  { apply Cl; [exact Wo|lra|]. intros Θ' HT'. specialize (K3 Θ' HT'). lra. }
  assert (Near : forall d, Rmin d1 d2 <= d -> near n d ps om).
  { intros d Hd i Hi. apply Rlt_le_trans with (2 := Hd). apply Rle_lt_trans with (2 := Dist).
    apply (sum_term n (fun i => Rabs (om i - ps i)) i Hi). intros; apply Rabs_pos. }
  specialize (C1 om (Near d1 (Rmin_l _ _))). specialize (C2 om (Near d2 (Rmin_r _ _))). cbv beta in C2.
  apply Rabs_lt_between in C1. apply Rabs_lt_between in C2. apply Rabs_le_between in K4.
  change (entropy ps) with (RateConstant.H ps). change (largest ps) with (max_entry ps). unfold s.
  apply Rabs_lt_between. lra.
Qed.
Lemma rate_le ps : p_star ps -> entropy ps + ln (largest ps) <= ln n.
Proof.
  intros (Wp & _). change (entropy ps) with (RateConstant.H ps). change (largest ps) with (max_entry ps).
  pose proof (H_le_ln_n ps Wp). destruct (max_entry_range ps Wp) as [M0 M1]. pose proof (ln_le_1 _ M0). lra.
Qed.
End RateLimit.

Theorem theorem_2_1_L : Theorem_2_1_L.
Proof.
  intros B γ Hz Hg Hm. split; [exact (p_star_exists Hz γ Hg Hm)|]. intros w Hw. split.
  - intros ε He. now apply (rate Hz γ Hg Hm).
  - split; [now apply (rate_le γ)|]. intros W HW EW. exact (Lambert w W (proj1 Hw) HW EW).
Qed.
