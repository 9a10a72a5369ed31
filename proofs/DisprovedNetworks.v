(** * The twins of Proposition 3.1, Corollary 3.2 and Theorem 3.3 are false *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From Coquelicot Require Import Coquelicot.
From Interval Require Import Tactic.
From MarginTheory Require Import Vocabulary Statements Twins Sums Elementary Vectors FiniteLaws.
From MarginTheory Require Import Networks DeepComplexity DeepNetworks Scaling Existence NormGrowth
  MaximumMargin BinaryCase NetworkModel Urn.
Import ListNotations.
Open Scope R_scope.

(** ** Memory: N orthonormal inputs, all with the label 1, and linear networks with one hidden neuron *)
#[local] Instance linear : activation := {|
  σ := fun t => t; σ_lipschitz := fun s t => Rle_refl _; σ_homogeneous := fun c t _ => eq_refl |}.
Definition basis (j : nat) : vec := fun i => if Nat.eq_dec i j then 1 else 0.
Lemma basis_distinct j k : basis j = basis k -> j = k.
Proof.
  intro E. apply (f_equal (fun v => v j)) in E. unfold basis in E.
  destruct (Nat.eq_dec j j) as [_|N]; [|now destruct N]. destruct (Nat.eq_dec j k); [assumption|lra].
Qed.
Lemma sum_basis d j g : (j < d)%nat -> sum d (fun i => g i * basis j i) = g j.
Proof.
  assert (G : forall m, sum m (fun i => g i * basis j i) = if lt_dec j m then g j else 0).
  { induction m as [|m IH]; [reflexivity|]. cbn [sum]. rewrite IH. unfold basis.
    destruct (Nat.eq_dec m j) as [->|N]; repeat destruct (lt_dec _ _); try lia; ring. }
  intro H. rewrite G. destruct (lt_dec j d); [reflexivity|contradiction].
Qed.
Lemma basis_length d j : (j < d)%nat -> len d (basis j) = 1.
Proof.
  intro H. unfold len. replace (sq d (basis j)) with 1; [apply sqrt_1|]. unfold sq.
  rewrite (sum_ext d _ (fun i => basis j i * basis j i)) by (intros; ring).
  rewrite (sum_basis d j (basis j) H). unfold basis.
  destruct (Nat.eq_dec j j) as [_|N]; [reflexivity|now destruct N].
Qed.
(** One hidden neuron. *)
Definition narrow (d : nat) : nat -> nat := fun k => match k with O => d | _ => 1%nat end.
Lemma narrow_net d W j : (j < d)%nat -> net 2 (narrow d) W (basis j) = W 1%nat O O * W O O j.
Proof.
  intro H. unfold net, layer, dot. cbn [pred hidden narrow sum σ linear]. unfold layer, dot. cbn [narrow].
  rewrite (sum_basis d j (W O O) H). ring.
Qed.
Lemma narrow_norm d W : norm2 2 (narrow d) W = sum d (fun j => W O O j ^ 2) + W 1%nat O O ^ 2.
Proof. unfold norm2, frob, sq. cbn [sum narrow]. ring. Qed.

Section Memory.
Variables (n d : nat) (s : nat -> vec * R).
Hypothesis n_pos : (1 <= n)%nat.
Hypothesis d_pos : (1 <= d)%nat.
Hypothesis drawn : forall i, (i < n)%nat -> snd (s i) = 1 /\ exists j, (j < d)%nat /\ fst (s i) = basis j.
Let γ := / (2 * sqrt n).
(** The neuron along the sum of the inputs seen. *)
Definition memory : weights := fun k _ j => match k with
  | O => if decide (seen n s (basis j)) then / sqrt (2 * n) else 0
  | _ => / sqrt 2 end.
Lemma n_R : 0 < n. Proof. apply lt_0_INR. lia. Qed.
Lemma few_seen : sum d (fun j => if decide (seen n s (basis j)) then 1 else 0) <= n.
Proof.
  assert (G : forall m, sum d (fun j => if decide (seen m s (basis j)) then 1 else 0) <= m).
  { induction m as [|m IH].
    - rewrite (sum_ext d _ (fun _ => 0)); [rewrite sum_const; simpl; lra|].
      intros j _. destruct (decide _) as [(i & Hi & _)|]; [lia|reflexivity].
    - apply Rle_trans with (sum d (fun j => (if decide (seen m s (basis j)) then 1 else 0)
                                             + (if decide (fst (s m) = basis j) then 1 else 0))).
      + apply sum_le. intros j _. destruct (decide (seen (S m) s (basis j))) as [(i & Hi & E)|]; cycle 1.
        { destruct (decide _), (decide _); lra. }
        destruct (decide (seen m s (basis j))), (decide (fst (s m) = basis j)); try lra. exfalso.
        destruct (Nat.eq_dec i m) as [->|Ni]; [contradiction|].
        match goal with U : ~ seen m s _ |- _ => apply U end. exists i. split; [lia|exact E].
      + rewrite sum_plus, S_INR. apply Rplus_le_compat; [exact IH|].
        destruct (classic (exists j, fst (s m) = basis j)) as [(k & Ek)|No].
        * apply Rle_trans with (sum d (fun j => 1 * basis k j)).
          -- apply sum_le. intros j _. rewrite Rmult_1_l. destruct (decide (fst (s m) = basis j)) as [E|_].
             ++ rewrite Ek in E. apply basis_distinct in E. subst j. unfold basis.
                destruct (Nat.eq_dec k k) as [_|Nk]; [lra|now destruct Nk].
             ++ unfold basis. destruct (Nat.eq_dec j k); lra.
          -- destruct (lt_dec k d) as [L|L]; [rewrite (sum_basis d k (fun _ => 1) L); lra|].
             rewrite (sum_ext d _ (fun _ => 0)); [rewrite sum_const; lra|]. intros j Hj. unfold basis.
             destruct (Nat.eq_dec j k); [lia|ring].
        * rewrite (sum_ext d _ (fun _ => 0)); [rewrite sum_const; lra|]. intros j _.
          destruct (decide _); [exfalso; apply No; now exists j|reflexivity]. }
  apply G.
Qed.
Lemma memory_norm : 0 < norm2 2 (narrow d) memory <= 1.
Proof.
  pose proof n_R as Hn. assert (S2 : sqrt 2 * sqrt 2 = 2) by (apply sqrt_sqrt; lra). pose proof Rlt_sqrt2_0.
  assert (Sn : sqrt (2 * n) * sqrt (2 * n) = 2 * n) by (apply sqrt_sqrt; lra).
  assert (P : 0 < sqrt (2 * n)) by (apply sqrt_lt_R0; lra).
  rewrite narrow_norm. cbn [memory]. assert (H2 : (/ sqrt 2) ^ 2 = / 2)
    by (simpl; rewrite Rmult_1_r, <- Rinv_mult, S2; reflexivity).
  rewrite H2.
  rewrite (sum_ext d _ (fun j => / (2 * n) * (if decide (seen n s (basis j)) then 1 else 0))).
  - rewrite sum_scal. pose proof few_seen as F. set (k := sum d _) in *.
    assert (0 <= k) by (apply sum_nonneg; intros; destruct (decide _); lra).
    assert (I : 0 < / (2 * n)) by (apply Rinv_0_lt_compat; lra).
    assert (/ (2 * n) * k <= / (2 * n) * n) by (apply Rmult_le_compat_l; lra).
    replace (/ (2 * n) * n) with (/ 2) in H1 by (field; lra). nra.
  - intros j _. destruct (decide _); [|ring]. simpl. rewrite Rmult_1_r, <- Rinv_mult, Sn. ring.
Qed.
Lemma memory_value j : (j < d)%nat -> seen n s (basis j) -> net 2 (narrow d) memory (basis j) = γ.
Proof.
  intros Hj Sj. rewrite narrow_net by exact Hj. cbn [memory]. destruct (decide _) as [_|No]; [|contradiction].
  unfold γ. pose proof n_R. assert (S2 : sqrt 2 * sqrt 2 = 2) by (apply sqrt_sqrt; lra).
  pose proof Rlt_sqrt2_0.
  assert (0 < sqrt n) by now apply sqrt_lt_R0. rewrite sqrt_mult by lra.
  rewrite <- Rinv_mult, <- Rmult_assoc, S2. reflexivity.
Qed.
Lemma drawn_seen i : (i < n)%nat -> exists j, (j < d)%nat /\ fst (s i) = basis j /\ seen n s (basis j).
Proof. intro Hi. destruct (drawn i Hi) as (_ & j & Hj & E). exists j. split; [exact Hj|].
split; [exact E|now exists i]. Qed.
Lemma memory_margin i : (i < n)%nat ->
  γ <= snd (s i) * net 2 (narrow d) (normalised 2 (narrow d) memory) (fst (s i)).
Proof.
  intro Hi. destruct (drawn_seen i Hi) as (j & Hj & -> & Sj). rewrite (proj1 (drawn i Hi)), Rmult_1_l.
  pose proof memory_norm as [P Le]. pose proof (sqrt_lt_R0 _ P) as Sp.
  unfold normalised. rewrite net_scal by (try lia; intros; now apply Rinv_0_lt_compat).
  rewrite memory_value by assumption.
  cbn [prod]. rewrite Rmult_1_l, <- Rinv_mult, sqrt_sqrt by lra.
  assert (1 <= / norm2 2 (narrow d) memory) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra).
  assert (0 < γ) by (unfold γ; apply Rinv_0_lt_compat; pose proof (sqrt_lt_R0 n n_R); lra). nra.
Qed.
Lemma memory_unseen j : (j < d)%nat -> ~ seen n s (basis j) -> net 2 (narrow d) memory (basis j) <= 0.
Proof.
  intros Hj No. rewrite narrow_net by exact Hj. cbn [memory]. destruct (decide _); [contradiction|].
  rewrite Rmult_0_r. lra.
Qed.
(** A minimiser of (3.2) spends nothing on inputs that it has not seen. *)
Lemma minimiser_unseen λ W j : 0 < λ ->
  network_minimiser 2 (narrow d) n (fun i => fst (s i)) (fun i => snd (s i)) λ W ->
  (j < d)%nat -> ~ seen n s (basis j) -> net 2 (narrow d) W (basis j) <= 0.
Proof.
  intros Hl Min Hj No. rewrite narrow_net by exact Hj.
  set (W' := fun k i t : nat => match k
    with O => if Nat.eq_dec t j then 0 else W O i t | _ => W k i t end : R).
  specialize (Min W'). unfold objective in Min. rewrite !narrow_norm in Min.
  rewrite (sum_ext n (fun i => ln (1 + exp (- (snd (s i) * net 2 (narrow d) W' (fst (s i))))))
                     (fun i => ln (1 + exp (- (snd (s i) * net 2 (narrow d) W (fst (s i))))))) in Min.
  - assert (Q : sum d (fun t => W O O t ^ 2) <= sum d (fun t => W' O O t ^ 2)).
    { apply Rmult_le_reg_l with λ; [exact Hl|]. unfold W' in *. cbv beta iota in Min. lra. }
    assert (Z : sum d (fun t => W O O t ^ 2) = sum d (fun t => W' O O t ^ 2) + W O O j ^ 2).
    { rewrite <- (sum_basis d j (fun t => W O O t ^ 2) Hj), <- sum_plus. apply sum_ext. intros t _.
      unfold W', basis. destruct (Nat.eq_dec t j); ring. }
    assert (W O O j = 0) as -> by (pose proof (pow2_ge_0 (W O O j)); nra). rewrite Rmult_0_r. lra.
  - intros i Hi. destruct (drawn_seen i Hi) as (k & Hk & -> & Sk). rewrite !narrow_net by exact Hk.
    unfold W'. destruct (Nat.eq_dec k j) as [->|_]; [contradiction|reflexivity].
Qed.
End Memory.

(** A sample of 10000 from a million inputs. *)
Lemma ten_thousand : exists n d : nat, (1 <= n)%nat /\ (1 <= d)%nat /\ INR n = 10000 /\ n * / d = / 100.
Proof.
  exists (100 * 100)%nat, (100 * (100 * 100))%nat.
  assert (E : INR 100 = 100) by (rewrite INR_IZR_INZ; reflexivity).
  split; [apply Nat.mul_pos_pos; lia|]. split; [apply Nat.mul_pos_pos; [lia|apply Nat.mul_pos_pos; lia]|].
  rewrite !mult_INR, E. split; [ring|field].
Qed.
Lemma tenth_of_bound n γ : INR n = 10000 -> 0.95 / 200 <= γ <= / 2 -> bound (0.1 * χ 2) 1 2 n (/ 2) γ <= 0.95.
Proof.
  intros En Hg. apply Rle_trans with (bound (0.1 * χ 2) 1 2 n (/ 2) (0.95 / 200)).
  - apply bound_antitone; try lra.
    + pose proof (χ_nonneg 2 (le_n 2)). lra.
    + destruct n; [change (INR 0) with 0 in En; lra|lia].
    + rewrite C_K_rho, rho_sq by lia. simpl INR. lra.
  - unfold bound. rewrite C_K_rho, rho_sq by lia. unfold χ, log2. rewrite En. simpl INR.
    replace ((1 + 1 - 1) / 2) with (/ 2) by field. replace (1 / / 2) with 2 by field.
    rewrite Rpower_sqrt by lra. interval with (i_prec 40).
Qed.
Section Law.
Variables n d : nat.
Hypothesis n_pos : (1 <= n)%nat.
Hypothesis d_pos : (1 <= d)%nat.
Hypothesis En : INR n = 10000.
Hypothesis Ed : n * / d = / 100.
Let D := urn basis d.
Lemma D_law : is_law D. Proof. now apply urn_law. Qed.
Lemma D_inputs x y : atom D (x, y) -> len d x <= 1.
Proof. intro H. apply urn_atom in H as (_ & j & Hj & ->). rewrite basis_length by exact Hj. lra. Qed.
Lemma D_drawn s : atom (sample (zero, 1) n D) s -> forall i, (i < n)%nat ->
  snd (s i) = 1 /\ exists j, (j < d)%nat /\ fst (s i) = basis j.
Proof.
  intros Hs i Hi. pose proof (sample_atom (zero, 1) n D s D_law Hs i Hi) as A.
  rewrite (surjective_pairing (s i)) in A. now apply urn_atom in A.
Qed.
Lemma γ_value : / (2 * sqrt n) = / 200.
Proof.
  rewrite En. replace 10000 with (100 * 100) by ring. rewrite sqrt_square by lra. lra.
Qed.
Lemma D_error s g : (forall j, (j < d)%nat -> ~ seen n s (basis j) -> g (basis j) <= 0) -> 0.99 <= error D g.
Proof. intro H. pose proof (urn_error basis basis_distinct d n s g d_pos H) as Q. rewrite Ed in Q.
fold D in Q. lra. Qed.
End Law.

Theorem twin_3_1 : ~ Twin_3_1.
Proof.
  intro H. destruct ten_thousand as (n & d & Hn & Hd & En & Ed). pose proof (D_law d Hd) as L.
  pose proof (sample_law (zero, 1) n _ L) as LS.
  specialize (H linear d 2%nat n (zero,
    1) (urn basis d) 1 (le_n 2) Hn L (urn_labels basis d) (D_inputs d) (/ 2) ltac:(lra)).
  match type of H with _ <= ?q => assert (Z : q <= 0) end; [|lra].
  apply never; [exact LS|]. intros s Hs Ev. pose proof (D_drawn n d Hd s Hs) as Dr.
  specialize (Ev (narrow d) (memory n s) (/ 200) (conj eq_refl eq_refl) ltac:(lra)).
  assert (M : forall i, (i < n)%nat ->
    / 200 <= snd (s i) * net 2 (narrow d) (normalised 2 (narrow d) (memory n s)) (fst (s i))).
  { rewrite <- (γ_value n En). intros i Hi. now apply memory_margin. }
  specialize (Ev M). pose proof (tenth_of_bound n (/ 200) En ltac:(lra)).
  pose proof (D_error n d Hd Ed s (net 2 (narrow d) (memory n s)) (fun j => memory_unseen n d s j)). lra.
Qed.

(** What holds for every sample of the memory law. *)
Section Sample.
Variables (n d : nat) (s : nat -> vec * R).
Hypothesis n_pos : (1 <= n)%nat.
Hypothesis d_pos : (1 <= d)%nat.
Hypothesis En : INR n = 10000.
Hypothesis drawn : forall i, (i < n)%nat -> snd (s i) = 1 /\ exists j, (j < d)%nat /\ fst (s i) = basis j.
Let x i := fst (s i).
Let y i := snd (s i).
Lemma memory_labels i : (i < n)%nat -> y i = 1 \/ y i = -1.
Proof. intro Hi. left. apply (drawn i Hi). Qed.
Lemma memory_max_margin γ : network_max_margin 2 (narrow d) n x y γ -> / 200 <= γ <= / 2.
Proof.
  intro Hγ. split.
  - rewrite <- (γ_value n En). apply (proj2 Hγ (normalised 2 (narrow d) (memory n s))).
    + pose proof (memory_norm n d s n_pos d_pos) as [P _]. unfold normalised. right.
      unfold norm2 at 1. rewrite (sum_ext 2 _ (fun k => (/ sqrt (norm2 2 (narrow d) (memory n s))) ^ 2
        * frob (narrow d) (memory n s) k))
        by (intros; apply frob_scal).
      rewrite sum_scal. change (sum 2 (frob (narrow d) (memory n s)))
        with (norm2 2 (narrow d) (memory n s)). set (v := norm2 2 (narrow d) (memory n s)) in *.
      pose proof (sqrt_lt_R0 v P). transitivity (/ sqrt v * / sqrt v * (sqrt v * sqrt v));
        [rewrite (sqrt_sqrt v) by lra; ring|field; lra].
    + intros i Hi. now apply memory_margin.
  - replace (/ 2) with (C_K 2 1) by (rewrite C_K_rho, rho_sq by lia; simpl INR; lra).
    apply (max_margin_le_C_K 2 (narrow d) n x y 1 γ (le_n 2) n_pos eq_refl (memory_labels O ltac:(lia)));
      [|exact Hγ].
    destruct (drawn O ltac:(lia)) as (_ & j & Hj & E). unfold x. rewrite E. cbn [narrow].
    rewrite basis_length by exact Hj. lra.
Qed.
End Sample.

(** For small λ the deficit of Theorem 2.1-Q from λ alone is below any ε. *)
Lemma binary_U {B : Binary.model} λ γ : 0 < λ -> 0 <= γ -> exists U, Binary.is_U λ γ U.
Proof.
  intros Hl Hg. destruct (proj2 (proj2 (claim_A_1 two_class)) λ γ Hl Hg) as (U & (M & HM & E) & Mn).
  exists U. split.
  - exists M. split; [exact HM|]. rewrite <- V_agrees. exact E.
  - intros M' HM'. rewrite <- V_agrees. now apply Mn.
Qed.
Lemma small_U {B : Binary.model} γ u : 0 < γ -> 0 < u -> exists λ U, 0 < λ /\ Binary.is_U λ γ U /\ U <= u.
Proof.
  intros Hg Hu. pose proof Binary.a_pos as Ha. set (x := Rmax 1 (ln (2 / u))).
  assert (X1 : 1 <= x) by apply Rmax_l. assert (D : 0 < 2 / u) by (apply Rdiv_lt_0_compat; lra).
  assert (Ex : exp (- x) <= u / 2).
  { apply Rle_trans with (exp (- ln (2 / u))); [apply exp_mono, Ropp_le_contravar, Rmax_r|].
    rewrite exp_Ropp, exp_ln by exact D. right. field. lra. }
  set (M := (x / γ) ** (/ Binary.a)). assert (XG : 0 <= x / γ) by (apply Rdiv_le_0_compat; lra).
  assert (EM : M ** Binary.a = x / γ) by (unfold M; rewrite pw_pw, Rinv_l, pw_e1 by lra; reflexivity).
  assert (P : 0 <= M ** Binary.r) by apply pw_nonneg.
  set (λ := u / (2 * (M ** Binary.r + 1))). assert (Hl : 0 < λ) by (apply Rdiv_lt_0_compat; lra).
  destruct (binary_U λ γ Hl ltac:(lra)) as (U & HU). exists λ, U. split; [exact Hl|]. split; [exact HU|].
  apply Rle_trans with (1 := proj2 HU M (pw_nonneg _ _)). unfold Binary.V. rewrite EM.
  replace (x / γ * γ) with x by (field; lra).
  assert (ln (1 + exp (- x)) <= exp (- x)) by (apply ln1p_le; pose proof (exp_pos (- x)); lra).
  assert (λ * M ** Binary.r <= u / 2).
  { apply Rle_trans with (λ * (M ** Binary.r + 1)); [apply Rmult_le_compat_l; lra|].
      right. unfold λ. field. lra. }
  lra.
Qed.
Lemma small_deficit {B : Binary.model} γ ε : 0 < γ -> 0 < ε -> exists λ U, 0 < λ /\ Binary.is_U λ γ U /\
  Binary.n * U < ln 2 /\ 0 <= Binary.h γ (Binary.s0 γ U) <= ε.
Proof.
  intros Hg He. assert (Hn : 1 <= Binary.n) by (replace 1 with (INR 1) by reflexivity;
    apply le_INR, Binary.n_pos).
  assert (L0 : 0 <= ln Binary.n) by (rewrite <- ln_1; apply ln_mono; lra).
  set (τ := γ * (ln Binary.n + Binary.n) / ε).
  assert (T0 : 0 < τ) by (apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; lra|exact He]).
  assert (E1 : exp (- τ) <= 1) by (rewrite <- exp_0; apply exp_mono; lra). pose proof (exp_pos (- τ)) as E0.
  destruct (small_U γ (exp (- τ) / (2 * Binary.n)) Hg ltac:(apply Rdiv_lt_0_compat; lra))
    as (λ & U & Hl & HU & Le).
  exists λ, U. split; [exact Hl|]. split; [exact HU|].
  assert (U0 : 0 < U) by (apply U_agrees in HU; destruct HU as [(M & _ & <-) _]; now apply V_pos).
  assert (X : 0 < Binary.n * U <= / 2 * exp (- τ)).
  { split; [apply Rmult_lt_0_compat; lra|]. apply Rmult_le_compat_l with (r := INR Binary.n) in Le; [|lra].
    replace (Binary.n * (exp (- τ) / (2 * Binary.n))) with (/ 2 * exp (- τ)) in Le by (field; lra).
    exact Le. }
  assert (L2 : / 2 < ln 2) by interval with (i_prec 40). split; [lra|].
  assert (Ex : exp (Binary.n * U) - 1 <= 2 * (Binary.n * U)) by (apply exp_minus1_le; lra).
  assert (Ex0 : 0 < exp (Binary.n * U) - 1) by (assert (1 + Binary.n * U < exp (Binary.n * U))
    by (apply exp_ineq1; lra); lra).
  set (t := Binary.s0 γ U). assert (Ht : τ / γ <= t).
  { unfold t, Binary.s0, Rdiv. rewrite Rmult_comm. apply Rmult_le_compat_l;
      [left; now apply Rinv_0_lt_compat|].
    rewrite ln_Rinv by exact Ex0. assert (ln (exp (Binary.n * U) - 1) <= ln (exp (- τ)))
      by (apply ln_mono; lra).
    rewrite ln_exp in H. lra. }
  assert (Tp : 0 < τ / γ) by now apply Rdiv_lt_0_compat. assert (t0 : 0 < t) by lra.
  rewrite <- h_agrees. split.
  - rewrite h_G. apply Rmult_le_pos; [left; now apply Rinv_0_lt_compat|].
    pose proof (@G_ge two_class γ t). pose proof (@nl_ge1 two_class). rewrite <- ln_1. apply ln_mono; lra.
  - apply Rle_trans with (1 := @h_simple two_class γ t t0). rewrite one, Rmult_1_l, Rmult_1_r. cbn.
    apply Rmult_le_reg_r with t; [exact t0|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    assert (exp (- (t * γ)) <= 1) by (rewrite <- exp_0; apply exp_mono;
      assert (0 < t * γ) by (apply Rmult_lt_0_compat; lra); lra).
    pose proof (exp_pos (- (t * γ))).
    assert ((Binary.n - 1) * exp (- (t * γ)) <= (Binary.n - 1) * 1) by (apply Rmult_le_compat_l; lra).
    assert (ε * (τ / γ) <= ε * t) by (apply Rmult_le_compat_l; lra).
    replace (ε * (τ / γ)) with (ln Binary.n + Binary.n) in H2 by (unfold τ; field; lra). lra.
Qed.

Theorem twin_3_2 : ~ Twin_3_2.
Proof.
  intro H. destruct ten_thousand as (n & d & Hn & Hd & En & Ed). pose proof (D_law d Hd) as L.
  specialize (H linear d 2%nat n (zero,
    1) (urn basis d) 1 (le_n 2) Hn L (urn_labels basis d) (D_inputs d) (/ 2)
    ltac:(lra)).
  match type of H with _ <= ?q => assert (Z : q <= 0) end; [|lra].
  apply never; [now apply sample_law|]. intros s Hs Ev. pose proof (D_drawn n d Hd s Hs) as Dr.
  set (x := fun i => fst (s i)) in *. set (y := fun i => snd (s i)) in *.
  pose proof (memory_labels n d s Dr) as Lab.
  destruct (network_max_margin_exists 2 (le_S _ _ (le_n 1)) (narrow d) n x y eq_refl Hn Lab) as (γ & Hγ).
  pose proof (memory_max_margin n d s Hn Hd En Dr γ Hγ) as G.
  destruct (Ev (narrow d) γ (conj eq_refl eq_refl) ltac:(lra) Hγ 0.01 ltac:(lra)) as (λ0 & Hl0 & A).
  destruct (network_minimiser_exists 2 (le_S _ _ (le_n 1)) (narrow d) n x y eq_refl Hn Lab (λ0 / 2)
    ltac:(lra))
    as (W & Min).
  specialize (A (λ0 / 2) ltac:(lra) W Min). pose proof (tenth_of_bound n γ En ltac:(lra)).
  pose proof (D_error n d Hd Ed s (net 2 (narrow d) W)
    (fun j => minimiser_unseen n d s Dr (λ0 / 2) W j ltac:(lra) Min)). lra.
Qed.
Theorem twin_3_2_Q : ~ Twin_3_2_Q.
Proof.
  intro H. destruct ten_thousand as (n & d & Hn & Hd & En & Ed). pose proof (D_law d Hd) as L.
  specialize (H linear d 2%nat n (zero,
    1) (urn basis d) 1 (le_n 2) Hn L (urn_labels basis d) (D_inputs d) (/ 2)
    ltac:(lra)).
  match type of H with _ <= ?q => assert (Z : q <= 0) end; [|lra].
  apply never; [now apply sample_law|]. intros s Hs Ev. pose proof (D_drawn n d Hd s Hs) as Dr.
  set (x := fun i => fst (s i)) in *. set (y := fun i => snd (s i)) in *.
  pose proof (memory_labels n d s Dr) as Lab.
  destruct (network_max_margin_exists 2 (le_S _ _ (le_n 1)) (narrow d) n x y eq_refl Hn Lab) as (γ & Hγ).
  pose proof (memory_max_margin n d s Hn Hd En Dr γ Hγ) as G.
  destruct (@small_deficit (network 2 (le_S _ _ (le_n 1)) (narrow d) n x y eq_refl Hn Lab) γ (γ / 20)
    ltac:(lra) ltac:(lra)) as (λ & U & Hl & HU & HnU & H0 & Hε).
  change (0 <= network_h n γ (network_s0 n γ U)) in H0.
  change (network_h n γ (network_s0 n γ U) <= γ / 20) in Hε.
  destruct (network_minimiser_exists 2 (le_S _ _ (le_n 1)) (narrow d) n x y eq_refl Hn Lab λ Hl) as (W & Min).
  pose proof (Ev (narrow d) γ λ U W (conj eq_refl eq_refl) ltac:(lra) Hγ Hl Min HU HnU ltac:(lra)) as B.
  pose proof (tenth_of_bound n (γ - network_h n γ (network_s0 n γ U)) En ltac:(lra)).
  pose proof (D_error n d Hd Ed s (net 2 (narrow d) W) (fun j => minimiser_unseen n d s Dr λ W j Hl Min)).
  lra.
Qed.

(** ** Theorem 3.3 in the mean-field scaling: width 1 has the margin 1/2, width 2 only 1/4 *)
Definition wide (w : nat) : nat -> nat := fun k => match k with 1%nat => w | _ => 1%nat end.
Lemma first_only w (v : nat -> R) : (1 <= w)%nat -> (forall i, (1 <= i)%nat -> v i = 0) -> sum w v = v O.
Proof. intros Hw Hv. rewrite (sum_pad 1 w) by (try lia; exact Hv). simpl. ring. Qed.
Lemma mean_field_value w : (1 <= w)%nat ->
  mean_field_max_margin 2 (wide w) 1 (fun _ _ => 1) (fun _ => 1) (/ 2 / w).
Proof.
  intro Hw. assert (W0 : 0 < w) by (apply lt_0_INR; lia). split.
  - set (W := fun k i j : nat => match k, i, j with
      | O, O, O => / sqrt 2 | 1%nat, O, O => / sqrt 2 | _, _, _ => 0 end : R). exists W.
    pose proof Rlt_sqrt2_0. assert (Sq : sqrt 2 * sqrt 2 = 2) by (apply sqrt_sqrt; lra).
    assert (H2 : / sqrt 2 * / sqrt 2 = / 2) by (rewrite <- Rinv_mult, Sq; reflexivity). split.
    + unfold norm2, frob, sq. cbn [sum wide].
      rewrite (first_only w (fun i => 0 + W O i O ^ 2)), (first_only w (fun j => W 1%nat O j ^ 2));
        try exact Hw.
      * simpl. lra.
      * intros i Hi. destruct i; [lia|]. simpl. ring.
      * intros i Hi. destruct i; [lia|]. simpl. ring.
    + intros i _. unfold net, layer, dot. cbn [pred hidden wide σ linear]. unfold layer, dot. cbn [wide sum].
      rewrite (first_only w (fun j => W 1%nat O j * (0 + W O j O * 1)) Hw).
      * simpl. right. rewrite Rplus_0_l, Rmult_1_r, H2. field. lra.
      * intros j Hj. destruct j; [lia|]. simpl. ring.
  - intros W g HW Hg. specialize (Hg O ltac:(lia)). cbv beta in Hg. rewrite Rmult_1_l in Hg.
    apply Rle_trans with (1 := Hg).
    cbn [wide]. apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|].
    pose proof (net_sq 2 (wide w) W (fun _ => 1) ltac:(lia) ltac:(simpl; lia)) as Q.
    unfold sq in Q. cbn [wide sum prod] in Q. unfold norm2 in HW. cbn [sum] in HW.
    pose proof (frob_nonneg (wide w) W 0) as F0. pose proof (frob_nonneg (wide w) W 1) as F1.
    set (f0 := frob (wide w) W 0) in *. set (f1 := frob (wide w) W 1) in *.
    assert (f0 * f1 <= / 4).
    { pose proof (pow2_ge_0 (f0 - f1)). assert ((f0 + f1) * (f0 + f1) <= 1 * 1)
        by (apply Rmult_le_compat; lra). lra. }
    set (v := net 2 (wide w) W (fun _ => 1)) in *. assert (v ^ 2 <= (/ 2) ^ 2) by lra. apply Rnot_lt_le.
    intro. nra.
Qed.
Theorem twin_3_3 : ~ Twin_3_3.
Proof.
  intro H. pose proof (mean_field_value 1 ltac:(lia)) as V1. pose proof (mean_field_value 2 ltac:(lia)) as V2.
  specialize (H linear 2%nat (wide 1) (wide 2) 1%nat (fun _ _ => 1) (fun _ => 1) (/ 2 / INR 1) (/ 2 / INR 2)
    (le_n 2) eq_refl eq_refl eq_refl ltac:(intros k Hk; destruct k as [|[|k]]; simpl; lia) V1 V2).
  simpl in H. lra.
Qed.
