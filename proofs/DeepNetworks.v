(** * Lemma C.2 and Proposition 3.1 *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Suprema FiniteLaws Concentration
  Signs Contraction Networks Peeling DeepComplexity Rademacher MarginBound.
Import ListNotations.
Open Scope R_scope.

Lemma χ_3_2 : (1 + sqrt (2 * 2 * ln 2)) / sqrt 3 <= (1 + sqrt (2 * 1 * ln 2)) / sqrt 2.
Proof. interval with (i_prec 50). Qed.
Theorem χ_2_le : χ 2 <= 1.54.
Proof. unfold χ. simpl INR. replace (1 + 1 - 1) with 1 by ring. interval with (i_prec 50). Qed.
Theorem χ_le_χ_2 K : (2 <= K)%nat -> χ K <= χ 2.
Proof.
  intro HK. destruct (Nat.eq_dec K 2) as [->|N]; [lra|].
  assert (H3 : 3 <= INR K) by (replace 3 with (INR 3) by (simpl; lra); apply le_INR; lia).
  unfold χ at 2. simpl INR. replace (1 + 1 - 1) with 1 by ring. apply Rle_trans with (2 := χ_3_2). unfold χ.
  set (c := sqrt (2 * ln 2)). assert (L2 : 0 < ln 2) by interval with (i_prec 40).
  assert (E1 : forall v, 0 <= v -> sqrt (2 * v * ln 2) = c * sqrt v)
    by (intros v Hv; unfold c; rewrite <- sqrt_mult by lra; f_equal; ring).
  rewrite !E1 by lra. assert (C1 : 1.17 < c < 1.18) by (unfold c; split; interval with (i_prec 40)).
  assert (C2 : c ^ 2 < 1.4) by (unfold c; interval with (i_prec 40)).
  set (t := sqrt (INR K - 1)). set (t0 := sqrt 2).
  assert (T2 : t ^ 2 = INR K - 1) by (unfold t; rewrite <- Rsqr_pow2; apply Rsqr_sqrt; lra).
  assert (T02 : t0 ^ 2 = 2) by (unfold t0; rewrite <- Rsqr_pow2; apply Rsqr_sqrt; lra).
  assert (T0 : 1.41 < t0 < 1.42) by (unfold t0; split; interval with (i_prec 40)).
  assert (Tt : t0 <= t) by (unfold t, t0; apply sqrt_le_1_alt; lra).
  assert (Sk : sqrt (INR K) = sqrt (1 + t ^ 2)) by (f_equal; lra).
  assert (S3 : sqrt 3 = sqrt (1 + t0 ^ 2)) by (f_equal; lra). rewrite Sk, S3.
  assert (P : 0 < sqrt (1 + t ^ 2)) by (apply sqrt_lt_R0; nra).
  assert (P0 : 0 < sqrt (1 + t0 ^ 2)) by (apply sqrt_lt_R0; nra).
  apply Rmult_le_reg_r with (sqrt (1 + t ^ 2) * sqrt (1 + t0 ^ 2)); [now apply Rmult_lt_0_compat|].
  replace ((1 + c * t) / sqrt (1 + t ^ 2) * (sqrt (1 + t ^ 2) * sqrt (1 + t0 ^ 2)))
    with ((1 + c * t) * sqrt (1 + t0 ^ 2)) by (field; lra).
  replace ((1 + c * t0) / sqrt (1 + t0 ^ 2) * (sqrt (1 + t ^ 2) * sqrt (1 + t0 ^ 2)))
    with ((1 + c * t0) * sqrt (1 + t ^ 2)) by (field; lra).
  apply Rsqr_incr_0_var; [|apply Rmult_le_pos; [nra|lra]]. rewrite !Rsqr_mult, !Rsqr_sqrt by nra.
  rewrite !Rsqr_pow2.
  assert (Key : (c ^ 2 - 1) * (t + t0) - 2 * c * (t * t0 - 1) <= 0).
  { assert ((c ^ 2 - 1) * (t + t0) <= 0.4 * (t + t0)) by (apply Rmult_le_compat_r;
      lra). assert (t0 * t0 <= t * t0) by (apply Rmult_le_compat_r; lra).
    assert (2.34 * (t * t0 - 1) <= 2 * c * (t * t0 - 1)) by (apply Rmult_le_compat_r; nra).
    assert (1.41 * t <= t * t0) by nra. nra. }
  assert (Id : (1 + c * t) ^ 2 * (1 + t0 ^ 2) - (1 + c * t0) ^ 2 * (1 + t ^ 2) = (t - t0)
    * ((c ^ 2 - 1) * (t + t0) - 2 * c * (t * t0 - 1))) by ring.
  assert ((t - t0) * ((c ^ 2 - 1) * (t + t0) - 2 * c * (t * t0 - 1)) <= 0) by nra. lra.
Qed.
(* rho = K^(-1/2), rho^K = K^(-K/2) *)
Lemma rho_power K : (2 <= K)%nat -> rho K ^ K = Rpower (INR K) (- (INR K / 2)).
Proof.
  intro HK. pose proof (K_R K HK) as H2. assert (E1 : rho K = Rpower (INR K) (- / 2)).
  { unfold rho. rewrite Rpower_Ropp, Rpower_sqrt by lra. apply sqrt_inv. }
  rewrite E1, <- Rpower_pow by apply exp_pos. rewrite Rpower_mult. f_equal. field.
Qed.
Lemma depth_power K : (2 <= K)%nat -> Rpower (INR K) ((INR K - 1) / 2) = / (rho K ^ K * sqrt (INR K)).
Proof.
  intro HK. pose proof (K_R K HK) as H2. rewrite rho_power by exact HK.
  rewrite <- (Rpower_sqrt (INR K)) by lra. rewrite <- Rpower_plus, <- Rpower_Ropp. f_equal. field.
Qed.

(** * Networks of depth K whose layers have norm at most K^(-1/2), as a class of functions *)
Section Deep.
Context {Act : activation}.
Variables (d K : nat).
Hypothesis depth : (2 <= K)%nat.
Notation deep := (Statements.deep d K).
Lemma rhoK_pos : 0 < rho K ^ K. Proof. apply pow_lt, rho_pos. exact depth. Qed.
Lemma C_K_rho C : C_K K C = rho K ^ K * C.
Proof. unfold C_K. rewrite rho_power by exact depth. reflexivity. Qed.
Lemma deep_nonempty : exists g, deep g.
Proof.
  set (m := fun k => match k with O => d | _ => 1%nat end).
  exists (net K m (fun _ _ _ => 0)), m, (fun _ _ _ => 0). split; [|split; [|reflexivity]].
  - split; [reflexivity|]. destruct K; [lia|reflexivity].
  - intros j _. unfold frob, sq. rewrite (sum_ext _ _ (fun _ => 0)).
    + rewrite sum_const, Rmult_0_r. left. apply Rinv_0_lt_compat. pose proof (K_R K depth). lra.
    + intros. rewrite (sum_ext _ _ (fun _ => 0)) by (intros; ring). rewrite sum_const. ring.
Qed.
(* (i) *)
Lemma lemma_c_2_i f x : deep f -> Rabs (f x) <= rho K ^ K * len d x.
Proof.
  intros (m & W & (H0 & H1) & HF & E). rewrite E.
  pose proof (lem_C_2_i K m W x ltac:(lia) ltac:(rewrite H1; lia) HF) as Q. rewrite H0 in Q.
  apply Rsqr_incr_0_var; [|apply Rmult_le_pos; [left; apply rhoK_pos|apply len_nonneg]].
  rewrite <- Rsqr_abs, Rsqr_mult, !Rsqr_pow2, len_sq.
  replace ((rho K ^ K) ^ 2) with ((/ INR K) ^ K); [exact Q|].
  rewrite <- pow_mult, Nat.mul_comm, pow_mult, rho_sq by exact depth. reflexivity.
Qed.
Variable n : nat.
Hypothesis n_pos : (1 <= n)%nat.
Let HnR : 0 < INR n := lt_0_INR n ltac:(lia).
Lemma len_le_frob (x : nat -> nat -> R) i : (i < n)%nat -> len d (x i) <= frob_X d n x.
Proof.
  intro Hi. unfold frob_X. rewrite <- (sqrt_Rsqr (len d (x i))) by apply len_nonneg. apply sqrt_le_1_alt.
  rewrite Rsqr_pow2.
  apply (sum_term n (fun i => len d (x i) ^ 2)); [exact Hi|intros; apply pow2_ge_0].
Qed.
Lemma deep_bounded (x : nat -> nat -> R) f i : deep f -> (i < n)%nat ->
  Rabs (f (x i)) <= rho K ^ K * frob_X d n x.
Proof.
  intros Hf Hi. apply Rle_trans with (1 := lemma_c_2_i f (x i) Hf).
  apply Rmult_le_compat_l; [left; apply rhoK_pos|now apply len_le_frob].
Qed.
Lemma frob_le (x : nat -> nat -> R) C : 0 <= C -> (forall i, (i < n)%nat -> len d (x i) <= C) ->
  frob_X d n x <= C * sqrt (INR n).
Proof.
  intros HC H. unfold frob_X. rewrite <- (sqrt_Rsqr C HC), <- sqrt_mult by (try apply Rle_0_sqr; lra).
  apply sqrt_le_1_alt. rewrite Rsqr_pow2, Rmult_comm.
  rewrite <- Rmult_comm, Rmult_comm, <- sum_const. apply sum_le. intros i Hi. apply pow_incr.
  split; [apply len_nonneg|now apply H].
Qed.
(* (ii) *)
Lemma lemma_c_2_ii (x : nat -> nat -> R) : complexity n deep (fun f i => f (x i)) <= χ K
  * frob_X d n x / (Rpower (INR K) ((INR K - 1) / 2) * INR n).
Proof.
  pose proof (K_R K depth) as KR. pose proof rhoK_pos as RP.
  assert (SK : 0 < sqrt (INR K)) by (apply sqrt_lt_R0; lra).
  replace (χ K * frob_X d n x / (Rpower (INR K) ((INR K - 1) / 2) * INR n))
    with (/ INR n * (rho K ^ K * frob_X d n x * (1 + sqrt (2 * INR (pred K) * ln 2)))).
  2:{ rewrite depth_power by exact depth. unfold χ. replace (INR (pred K)) with (INR K - 1);
        [field; repeat split; lra|]. destruct K as [|k]; [lia|]. rewrite S_INR. simpl pred. ring. }
  apply (complexity_le n deep n_pos deep_nonempty _ (rho K ^ K * frob_X d n x));
    [intros; now apply deep_bounded|].
  intros t Ht. destruct deep_nonempty as (f0 & m0 & W0 & A0 & F0 & _). set (z0 := (m0, W0)).
  assert (Z0 : F_K d K z0) by (split; [apply A0|split; [apply A0|exact F0]]).
  destruct (finite_choice (list_eq_dec Req_EM_T) z0 (signs n) (fun e z => F_K d K z /\
    forall v, t e v = net K (fst z) (snd z) v)) as (z & Hz).
  { intros e _. destruct (Ht e) as (m & W & (H0 & H1) & HF & E). exists (m, W). repeat split; assumption. }
  set (z' := fun e => if in_dec (list_eq_dec Req_EM_T) e (signs n) then z e else z0).
  assert (Hz' : forall e, F_K d K (z' e)) by (intro e; unfold z'; destruct (in_dec _ e (signs n));
    [now apply Hz|exact Z0]).
  apply Rle_trans with (2 := lem_C_2_ii  d n K x depth z' Hz'). right. apply E_ext. intros e Ie.
  apply signed_sum_ext. intro i.
  unfold output, z'. destruct (in_dec _ e (signs n)); [now apply Hz|contradiction].
Qed.
Lemma lemma_c_2_ii_c (x : nat -> nat -> R) C : 0 <= C -> (forall i, (i < n)%nat -> len d (x i) <= C) ->
  complexity n deep (fun f i => f (x i)) <= χ K * C / (Rpower (INR K) ((INR K - 1) / 2) * sqrt (INR n)).
Proof.
  intros HC H. apply Rle_trans with (1 := lemma_c_2_ii x). pose proof (frob_le x C HC H) as Q.
  assert (Sn : 0 < sqrt (INR n)) by now apply sqrt_lt_R0.
  pose proof (exp_pos ((INR K - 1) / 2 * ln (INR K))) as P. fold (Rpower (INR K) ((INR K - 1) / 2)) in P.
  assert (X : 0 <= χ K). { unfold χ. apply Rmult_le_pos;
    [pose proof (sqrt_pos (2 * (INR K - 1) * ln 2)); lra|left; apply Rinv_0_lt_compat, sqrt_lt_R0;
    pose proof (K_R K depth); lra]. }
  apply Rle_trans with (χ K * (C * sqrt (INR n)) / (Rpower (INR K) ((INR K - 1) / 2) * INR n)).
  - apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; now apply Rmult_lt_0_compat|].
    now apply Rmult_le_compat_l.
  - right. replace (INR n) with (sqrt (INR n) * sqrt (INR n)) at 2 by (apply sqrt_sqrt; lra). field. lra.
Qed.

(** * (iii) and Proposition 3.1, for a law of finite support. The leading constant may be any A
  with R_n <= A C / (K^((K-1)/2) sqrt n). *)
Section Law.
Variables (filler : (nat -> R) * R) (D : law ((nat -> R) * R)) (C : R).
Hypothesis D_law : is_law D.
Hypothesis labels : forall x y, atom D (x, y) -> y = 1 \/ y = -1.
Hypothesis inputs : forall x y, atom D (x, y) -> len d x <= C.
Notation draws := (sample filler n D).
Lemma C_nonneg : 0 <= C.
Proof. destruct (law_atom D D_law) as ((x & y) & H). pose proof (inputs x y H).
pose proof (len_nonneg d x). lra. Qed.
Lemma C_2_iii_A A δ : (forall s, atom draws s ->
  complexity n deep (fun f i => f (fst (s i))) <= A * C / (Rpower (INR K) ((INR K - 1) / 2)
  * sqrt (INR n))) -> 0 < δ ->
  1 - δ <= Pr draws (fun s => forall f γ, deep f -> 0 < γ ->
    (forall i, (i < n)%nat -> γ <= snd (s i) * f (fst (s i))) ->
    γ <= C_K K C /\ error D f <= bound A C K n δ γ).
Proof.
  intros HA Hd. assert (Bd : forall f x y, deep f -> atom D (x, y) -> Rabs (f x) <= C_K K C).
  { intros f x y Hf Hx. apply Rle_trans with (1 :=
      lemma_c_2_i f x Hf). rewrite C_K_rho. apply Rmult_le_compat_l;
      [left; apply rhoK_pos|now apply (inputs x y)]. }
  apply Rle_trans with (1 := margin_bound_expected filler D deep (C_K K C) n D_law n_pos labels Bd δ Hd).
  pose proof (sample_law filler n D D_law) as LS. apply Pr_le; [exact LS|]. intros s Hs H f γ Hf Hg Hm.
  pose proof (sample_atom filler n D s D_law Hs) as At.
  assert (Gc : γ <= C_K K C).
  { specialize (Hm O ltac:(lia)). specialize (At O ltac:(lia)). rewrite (surjective_pairing (s O))
      in At. apply Rle_trans with (1 := Hm).
    pose proof (Bd f _ _ Hf At) as Q. apply Rabs_le_between in Q.
    destruct (labels _ _ At) as [-> | ->]; lra. }
  split; [exact Gc|]. specialize (H f γ Hf (conj Hg Gc)).
  assert (T0 : training_error n s f γ = 0).
  { unfold training_error. rewrite (sum_ext n _ (fun _ => 0)); [rewrite sum_const; ring|].
      intros i Hi. destruct (Rlt_dec _ _) as [Lt|]; [|reflexivity]. specialize (Hm i Hi). lra. }
  rewrite T0 in H. unfold bound. fold (log2 (4 * C_K K C / γ)).
  assert (Rn : expected_complexity filler n deep D <= A
    * C / (Rpower (INR K) ((INR K - 1) / 2) * sqrt (INR n))).
  { unfold expected_complexity. rewrite <- (expect_const draws (A * C / _) LS). apply expect_le;
      [exact LS|]. intros s' Hs'. now apply HA. }
  apply Rmult_le_compat_l with (r := 4 / γ) in Rn; [|left; apply Rdiv_lt_0_compat; lra].
  pose proof (exp_pos ((INR K - 1) / 2 * ln (INR K))) as P. fold (Rpower (INR K) ((INR K - 1) / 2)) in P.
  assert (Sn : 0 < sqrt (INR n)) by now apply sqrt_lt_R0.
  replace (4 / γ * (A * C / (Rpower (INR K) ((INR K - 1) / 2) * sqrt (INR n))))
    with (4 * A * C / (γ * Rpower (INR K) ((INR K - 1) / 2) * sqrt (INR n))) in Rn
    by (field; repeat split; lra). lra.
Qed.
Lemma χ_serves s : atom draws s -> complexity n deep (fun f i => f (fst (s i))) <= χ K
  * C / (Rpower (INR K) ((INR K - 1) / 2) * sqrt (INR n)).
Proof.
  intro Hs. apply (lemma_c_2_ii_c (fun i => fst (s i))); [exact C_nonneg|]. intros i Hi.
  apply (inputs _ (snd (s i))). rewrite <- surjective_pairing.
  now apply (sample_atom filler n D s D_law Hs).
Qed.
Lemma lemma_c_2_iii δ : 0 < δ ->
  1 - δ <= Pr draws (fun s => forall f γ, deep f -> 0 < γ ->
    (forall i, (i < n)%nat -> γ <= snd (s i) * f (fst (s i))) ->
    error D f <= bound (χ K) C K n δ γ).
Proof.
  intro Hd. apply Rle_trans with (1 := C_2_iii_A (χ K) δ χ_serves Hd). apply Pr_le; [now apply sample_law|].
  intros s _ H f γ Hf Hg Hm. exact (proj2 (H f γ Hf Hg Hm)).
Qed.

Lemma prod_zero k c j : (j < k)%nat -> c j = 0 -> prod k c = 0.
Proof. induction k as [|k IH]; intros Hj Hc; [lia|]. simpl.
destruct (Nat.eq_dec j k) as [->|]; [rewrite Hc; ring|rewrite IH by (try exact Hc; lia); ring]. Qed.
(** Step 1 of Proposition 3.1: no layer is zero *)
Lemma no_zero_layer m W x y γ : m K = 1%nat -> 0 < γ -> γ <= y * net K m (normalised K m W) x ->
  forall k, (k < K)%nat -> 0 < frob m W k.
Proof.
  intros H1 Hg H k Hk. destruct (Rle_lt_or_eq_dec _ _ (frob_nonneg m W k)) as [|Z]; [assumption|exfalso].
  pose proof (net_sq  K m (normalised K m W) x ltac:(lia) ltac:(rewrite H1; lia)) as Q.
  rewrite (prod_zero K _ k Hk) in Q by (unfold normalised; rewrite frob_scal, <- Z; ring).
  rewrite Rmult_0_l in Q.
  assert (net K m (normalised K m W) x = 0) as E0 by nra. rewrite E0 in H. lra.
Qed.
Lemma Prop_3_1_A A δ : (forall s, atom draws s ->
  complexity n deep (fun f i => f (fst (s i))) <= A * C / (Rpower (INR K) ((INR K - 1) / 2)
  * sqrt (INR n))) -> 0 < δ ->
  1 - δ <= Pr draws (fun s => forall m W γ, m O = d -> m K = 1%nat -> 0 < γ ->
    (forall i, (i < n)%nat -> γ <= snd (s i) * net K m (normalised K m W) (fst (s i))) ->
    γ <= C_K K C /\ error D (net K m W) <= bound A C K n δ γ).
Proof.
  intros HA Hd. apply Rle_trans with (1 := C_2_iii_A A δ HA Hd). apply Pr_le; [now apply sample_law|].
  intros s _ H m W γ H0 H1 Hg Hm. pose proof (no_zero_layer m W _ _ γ H1 Hg (Hm O ltac:(lia))) as Pos.
  (** Steps 1 to 3 of Proposition 3.1 *)
  destruct (prop_3_1_balancing K m W ltac:(lia) Pos) as (W' & HF & Eq).
  destruct (H (net K m W') γ) as [Gc Er]; [exists m, W'; repeat split; assumption|exact Hg| |].
  - intros i Hi. rewrite Eq. now apply Hm.
  - split; [exact Gc|]. apply Rle_trans with (2 := Er). right. (* step 4: a positive factor changes no sign *)
    assert (T0 : 0 < norm2 K m W) by (apply Rlt_le_trans with (frob m W O);
      [apply Pos; lia|apply (sum_term K (frob m W)); [lia|intros; apply frob_nonneg]]).
    apply expect_ext. intros [x y]. cbn [fst snd].
    rewrite Eq, net_scal by (try lia; intros; apply Rinv_0_lt_compat, sqrt_lt_R0, T0).
    set (c := prod K (fun _ => / sqrt (norm2 K m W))).
    assert (c0 : 0 < c) by (apply prod_pos; intros; apply Rinv_0_lt_compat, sqrt_lt_R0, T0).
    replace (y * (c * net K m W x)) with (c * (y * net K m W x)) by ring.
    destruct (decide _) as [L1|L1], (decide _) as [L2|L2]; try reflexivity; exfalso.
    + apply L2. nra.
    + apply L1. apply Rmult_le_reg_l with c; [exact c0|]. lra.
Qed.
(** Simultaneously for all networks of depth K, of all widths;
  γ is any positive lower bound of the normalised margin, in particular the margin itself *)
Lemma proposition_3_1 δ : 0 < δ ->
  1 - δ <= Pr draws (fun s => forall m W γ, m O = d -> m K = 1%nat -> 0 < γ ->
    (forall i, (i < n)%nat -> γ <= snd (s i) * net K m (normalised K m W) (fst (s i))) ->
    error D (net K m W) <= bound (χ K) C K n δ γ).
Proof.
  intro Hd. apply Rle_trans with (1 := Prop_3_1_A (χ K) δ χ_serves Hd). apply Pr_le; [now apply sample_law|].
  intros s _ H m W γ H0 H1 Hg Hm. exact (proj2 (H m W γ H0 H1 Hg Hm)).
Qed.
End Law.
End Deep.

Theorem lemma_C_2 : Lemma_C_2.
Proof.
  intros Act d K HK. split; [|split; [|split]].
  - intros g x Hg. rewrite <- rho_power by exact HK. now apply lemma_c_2_i.
  - intros n x Hn. split; [now apply lemma_c_2_ii|]. intros C HC. apply lemma_c_2_ii_c; try assumption.
    apply Rle_trans with (len d (x O)); [apply len_nonneg|apply HC; lia].
  - split; [now apply χ_le_χ_2|exact χ_2_le].
  - intros filler D C n L Hn Hy HC δ Hd. now apply lemma_c_2_iii.
Qed.
