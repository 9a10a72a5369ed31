(** * Networks as a model of Section 2: minimisers, the maximum margin, Theorem 3.3 *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors Networks.
From MarginTheory Require Import Peeling DeepComplexity DeepNetworks BinaryCase.
Import ListNotations.
Open Scope R_scope.

(** ** All weights in one vector, layer by layer, row by row *)
(* parameters of the layers before k *)
Fixpoint before (m : nat -> nat) (k : nat) : nat :=
  match k with O => O | S j => (before m j + m (S j) * m j)%nat end.
Definition decode (m : nat -> nat) (T : vec) : weights := fun k i j => T (before m k + (i * m k + j))%nat.
Lemma sum_app a b g : sum (a + b) g = sum a g + sum b (fun j => g (a + j)%nat).
Proof. induction b as [|b IH]; simpl; [rewrite Nat.add_0_r; ring|]. rewrite Nat.add_succ_r. simpl.
rewrite IH. ring. Qed.
Lemma sum_mul a b g : sum a (fun i => sum b (fun j => g (i * b + j)%nat)) = sum (a * b) g.
Proof. induction a as [|a IH]; [reflexivity|]. cbn [sum]. rewrite IH.
replace (S a * b)%nat with (a * b + b)%nat by ring. rewrite sum_app. reflexivity. Qed.
Lemma norm2_decode K m T : norm2 K m (decode m T) = sq (before m K) T.
Proof.
  unfold norm2. induction K as [|K IH]; [reflexivity|]. cbn [sum before]. rewrite IH. unfold sq at 2.
  rewrite sum_app. f_equal.
  unfold frob, sq, decode. rewrite <- (sum_mul (m (S K)) (m K) (fun t => T (before m K + t)%nat ^ 2)).
  reflexivity.
Qed.
Lemma before_mono m j k : (j <= k)%nat -> (before m j <= before m k)%nat.
Proof. induction 1; simpl; lia. Qed.
Lemma index_lt m K k i j : (k < K)%nat -> (i < m (S k))%nat -> (j < m k)%nat ->
  (before m k + (i * m k + j) < before m K)%nat.
Proof. intros Hk Hi Hj. pose proof (before_mono m (S k) K Hk) as Q. simpl in Q.
assert (S i * m k <= m (S k) * m k)%nat by (apply Nat.mul_le_mono_r; lia). simpl in H. lia. Qed.
Definition same_weights K m (W W' : weights) := forall k i j, (k < K)%nat -> (i < m (S k))%nat ->
  (j < m k)%nat -> W k i j = W' k i j.
Fixpoint encode_at (m : nat -> nat) (W : weights) (k t : nat) : R := match k with O => 0 | S j =>
  if lt_dec t (before m j) then encode_at m W j t else W j ((t - before m j) / m j)%nat
    ((t - before m j) mod m j)%nat end.
Definition encoded K m (W : weights) : vec := encode_at m W K.
Lemma decode_encoded K m W : same_weights K m (decode m (encoded K m W)) W.
Proof.
  induction K as [|K IH]; intros k i j Hk Hi Hj; [lia|]. unfold decode, encoded. cbn [encode_at].
  destruct (Nat.eq_dec k K) as [->|N].
  - destruct (lt_dec (before m K + (i * m K + j)) (before m K)) as [L|_]; [lia|].
    replace (before m K + (i * m K + j) - before m K)%nat with (j + i * m K)%nat by lia.
    rewrite Nat.div_add, Nat.mod_add, Nat.div_small, Nat.mod_small by lia. reflexivity.
  - pose proof (index_lt m K k i j ltac:(lia) Hi Hj) as L.
    destruct (lt_dec (before m k + (i * m k + j)) (before m K)) as [_|N']; [|contradiction].
    apply (IH k i j); [lia|exact Hi|exact Hj].
Qed.
Lemma encode K m (W : weights) : exists T, same_weights K m (decode m T) W.
Proof. exists (encoded K m W). apply decode_encoded. Qed.
Lemma norm2_local K m W W' : same_weights K m W W' -> norm2 K m W = norm2 K m W'.
Proof. intro H. apply sum_ext. intros k Hk. apply sum_ext. intros i Hi. apply sum_ext. intros j Hj.
now rewrite H. Qed.
Lemma same_weights_rescaled K m c W W' : same_weights K m W W' ->
  same_weights K m (rescaled c W) (rescaled c W').
Proof. intros H k i j Hk Hi Hj. unfold rescaled. now rewrite H. Qed.

Lemma len_norm q : is_norm q (len q).
Proof.
  split.
  - intros v w H. unfold len, sq. f_equal. apply sum_ext. intros k Hk. now rewrite H.
  - intros v w. apply len_triangle.
  - intros c v. apply len_scal.
  - intros v H k Hk. assert (Z : sq q v = 0) by (rewrite <- len_sq, H; ring).
    pose proof (sum_term q (fun j => v j ^ 2) k Hk ltac:(intros; apply pow2_ge_0)) as Q. unfold sq in Z.
    rewrite Z in Q. cbv beta in Q. nra.
Qed.
Lemma cont_mult q g k v : continuous_at q g v -> continuous_at q k v ->
  continuous_at q (fun T => g T * k T) v.
Proof.
  intros Hg Hk. apply cont_ext with (fun T => / 4 * ((g T + k T) * (g T + k T)) - / 4
    * ((g T - k T) * (g T - k T))); [intro; field|].
  assert (Sq : forall f, continuous_at q f v -> continuous_at q (fun T => f T * f T) v).
  { intros f Hf. apply (cont_comp q (fun t => t * t) f v Hf). apply continuity_pt_mult;
      apply derivable_continuous_pt, derivable_pt_id. }
  apply cont_minus; apply cont_scal; apply Sq; [now apply cont_plus|now apply cont_minus].
Qed.

Lemma coord q t v : (t < q)%nat -> continuous_at q (fun T => T t) v.
Proof. intros Ht e He. exists e. split; [exact He|]. intros w N. now apply N. Qed.

Section NetworkModel.
Context {Act : activation}.
Variable K : nat.
Hypothesis depth : (1 <= K)%nat.
Lemma hidden_local m W W' x k : (k <= K)%nat -> same_weights K m W W' -> forall i, (i < m k)%nat ->
  hidden m W x k i = hidden m W' x k i.
Proof.
  induction k as [|k IH]; intros Hk H i Hi; [reflexivity|]. simpl. f_equal. apply sum_ext. intros j Hj.
  rewrite H by (try assumption; lia). rewrite IH by (try assumption; lia). reflexivity.
Qed.
Lemma net_local m W W' x : m K = 1%nat -> same_weights K m W W' -> net K m W x = net K m W' x.
Proof.
  intros H1 H. unfold net. apply sum_ext. intros j Hj.
  rewrite H by (try assumption; try lia; replace (S (pred K)) with K by lia; lia).
  rewrite (hidden_local m W W') by (try assumption; lia). reflexivity.
Qed.


(** ** The model *)
Variables (m : nat -> nat) (n : nat) (x : nat -> vec) (y : nat -> R).
Hypothesis one_output : m K = 1%nat.
Hypothesis n_pos : (1 <= n)%nat.
Hypothesis labels : forall i, (i < n)%nat -> y i = 1 \/ y i = -1.
Let p := before m K.
Definition network_score (T : vec) (i : nat) : R := net K m (decode m T) (x i).
Lemma sigma_continuous t : continuity_pt σ t.
Proof.
  intros e He. exists e. split; [exact He|]. intros u [_ Hu]. simpl in *. unfold R_dist in *.
  apply Rle_lt_trans with (2 := Hu). apply σ_lipschitz.
Qed.
Lemma cont_layer k v (u : vec -> nat -> R) i : (k < K)%nat -> (i < m (S k))%nat ->
  (forall j, (j < m k)%nat -> continuous_at p (fun T => u T j) v) ->
  continuous_at p (fun T => layer m (decode m T) k (u T) i) v.
Proof.
  intros Hk Hi H. apply (cont_sum p (m k) (fun T j => decode m T k i j * u T j)). intros j Hj.
  apply cont_mult; [|now apply H]. apply coord. now apply index_lt.
Qed.
Lemma cont_hidden z v k : (k <= pred K)%nat -> forall i, (i < m k)%nat ->
  continuous_at p (fun T => hidden m (decode m T) z k i) v.
Proof.
  induction k as [|k IH]; intros Hk i Hi; [exact (cont_const p (z i) v)|].
  apply (cont_comp p σ (fun T => layer m (decode m T) k (hidden m (decode m T) z k) i));
    [|apply sigma_continuous].
  apply (cont_layer k v (fun T => hidden m (decode m T) z k)); [lia|exact Hi|]. apply IH. lia.
Qed.

Lemma score_continuous i : (i < n)%nat -> continuous_on p (fun T => network_score T i).
Proof.
  intros _ v. apply (cont_layer (pred K) v (fun T => hidden m (decode m T) (x i) (pred K))).
  - lia.
  - replace (S (pred K)) with K by lia. lia.
  - intros j Hj. now apply cont_hidden.
Qed.
Lemma prod_const j b : prod j (fun _ => b) = b ^ j.
Proof. induction j; simpl; [reflexivity|rewrite IHj; ring]. Qed.
Lemma score_homogeneous c T i : 0 < c -> (i < n)%nat -> network_score (c · T) i = c ** K * network_score T i.
Proof.
  intros Hc _. unfold network_score. change (decode m (c · T)) with (rescaled (fun _ => c) (decode m T)).
  rewrite net_scal by (try exact depth; intros; exact Hc). f_equal.
  rewrite prod_const, pw_pos_eq by exact Hc. symmetry. now apply Rpower_pow.
Qed.
Definition network : Binary.model := {|
  Binary.p := p; Binary.norm := len p; Binary.n := n; Binary.y := y; Binary.f := network_score;
  Binary.a := K; Binary.r := 2; Binary.n_pos := n_pos; Binary.y_is_sign := labels;
  Binary.a_pos := lt_0_INR K depth; Binary.r_pos := Rlt_0_2; Binary.norm_is_norm := len_norm p;
  Binary.f_continuous := score_continuous; Binary.f_homogeneous := score_homogeneous |}.
#[local] Existing Instance network.

(** ** (3.2), its minimisers, the normalised margin *)
Lemma len_norm2 T : len p T ^ 2 = norm2 K m (decode m T).
Proof. rewrite len_sq, norm2_decode. reflexivity. Qed.
Lemma objective_agrees λ T : Binary.loss λ T = objective K m n x y λ (decode m T).
Proof.
  unfold Binary.loss, objective. cbn. f_equal. f_equal. rewrite <- len_norm2.
  destruct (len_nonneg p T) as [P|Z]; [|rewrite <- Z, pw_0; ring].
  rewrite pw_pos_eq by exact P. replace 2 with (INR 2) by (simpl; lra). now apply Rpower_pow.
Qed.
Lemma objective_local λ W W' : same_weights K m W W' -> objective K m n x y λ W = objective K m n x y λ W'.
Proof.
  intro H. unfold objective. rewrite (norm2_local K m W W' H). f_equal. f_equal. apply sum_ext.
  intros i _. now rewrite (net_local m W W' (x i) one_output H).
Qed.
Lemma minimiser_agrees λ W T : same_weights K m (decode m T) W -> network_minimiser K m n x y λ W ->
  Binary.minimiser λ T.
Proof. intros H Min T'. rewrite !objective_agrees, (objective_local λ _ W H). apply Min. Qed.
Lemma network_minimiser_exists λ : 0 < λ -> exists W, network_minimiser K m n x y λ W.
Proof.
  intro Hl. destruct (theorem_A_3 network) as (Ex & _). destruct (Ex λ Hl) as (T & HT). exists (decode m T).
  intro W'. destruct (encode K m W') as (T' & HT').
  rewrite <- (objective_local λ _ W' HT'), <- !objective_agrees. apply HT.
Qed.
Lemma margin_ge T g : (forall i, (i < n)%nat -> g <= y i * network_score T i) -> g <= Binary.margin T.
Proof.
  intro H. unfold Binary.margin. cbn.
  destruct (Minimum_attained (seq 0 n) (fun i => y i * network_score T i)) as (i & Ii & ->).
  - destruct n; [lia|discriminate].
  - apply H. apply in_seq in Ii. lia.
Qed.
Lemma margin_le T i : (i < n)%nat -> Binary.margin T <= y i * network_score T i.
Proof. intro Hi. apply (Minimum_le (seq 0 n) (fun i => y i * network_score T i)). apply in_seq. lia. Qed.
Lemma unit_agrees T : len p T <= 1 <-> norm2 K m (decode m T) <= 1.
Proof. rewrite <- len_norm2. pose proof (len_nonneg p T). split; intro; nra. Qed.
Lemma max_margin_agrees γ : network_max_margin K m n x y γ <-> Binary.max_margin γ.
Proof.
  split; intros [(W & HW & HM) Mx].
  - destruct (encode K m W) as (T & HT).
    assert (Hn : len p T <= 1) by (apply unit_agrees; now rewrite (norm2_local K m _ W HT)).
    assert (Up : forall T', len p T' <= 1 -> Binary.margin T' <= γ).
    { intros T' HT'. apply (Mx (decode m T')); [now apply unit_agrees|]. intros i Hi. now apply margin_le. }
    split; [|exact Up]. exists T. split; [exact Hn|]. apply Rle_antisym; [now apply Up|].
    apply margin_ge. intros i Hi. unfold network_score. rewrite (net_local m _ W (x i) one_output HT).
    now apply HM.
  - split.
    + exists (decode m W). split; [now apply unit_agrees|]. intros i Hi. rewrite <- HM. now apply margin_le.
    + intros W' g' HW' HM'. destruct (encode K m W') as (T & HT). apply Rle_trans with (Binary.margin T).
      * apply margin_ge. intros i Hi. unfold network_score.
        rewrite (net_local m _ W' (x i) one_output HT). now apply HM'.
      * apply Mx. apply unit_agrees. now rewrite (norm2_local K m _ W' HT).
Qed.
Lemma network_max_margin_exists : exists γ, network_max_margin K m n x y γ.
Proof. destruct (theorem_A_3 network) as (_ & (γ & Hγ) & _). exists γ. now apply max_margin_agrees. Qed.
Lemma normalised_score W T i : same_weights K m (decode m T) W ->
  network_score (/ len p T · T) i = net K m (normalised K m W) (x i).
Proof.
  intro H. unfold network_score. apply net_local; [exact one_output|].
  change (decode m (/ len p T · T)) with (rescaled (fun _ => / len p T) (decode m T)).
  unfold normalised. rewrite <- (norm2_local K m _ W H), norm2_decode. now apply same_weights_rescaled.
Qed.
Lemma normalised_le W T i : same_weights K m (decode m T) W -> (i < n)%nat ->
  Binary.normalised_margin T <= y i * net K m (normalised K m W) (x i).
Proof. intros H Hi. rewrite <- (normalised_score W T i H). now apply margin_le. Qed.

(** Theorem A.3 for networks, as a limit and for each λ. *)
Lemma network_A_3 γ ε : 0 < γ -> network_max_margin K m n x y γ -> 0 < ε ->
  for_small_λ (fun λ => forall W, network_minimiser K m n x y λ W ->
    forall i, (i < n)%nat -> γ - ε < y i * net K m (normalised K m W) (x i)).
Proof.
  intros Hg Hm He. destruct (theorem_A_3 network) as (_ & _ & T3). apply max_margin_agrees in Hm.
  destruct (T3 γ Hm) as (Lim & _). destruct (Lim Hg ε He) as (λ0 & Hl0 & H).
  exists λ0. split; [exact Hl0|]. intros λ Hl W Min i Hi. destruct (encode K m W) as (T & HT).
  specialize (H λ Hl T (minimiser_agrees λ W T HT Min)). apply Rabs_lt_between in H.
  pose proof (normalised_le W T i HT Hi). lra.
Qed.
Lemma network_2_1_Q λ γ U W : 0 < λ -> 0 < γ -> network_max_margin K m n x y γ ->
  network_minimiser K m n x y λ W -> network_U K λ γ U -> n * U < ln 2 ->
  forall i, (i < n)%nat ->
    γ - network_h n γ (network_s0 n γ U) <= y i * net K m (normalised K m W) (x i).
Proof.
  intros Hl Hg Hm Min HU HnU i Hi. destruct (theorem_A_3 network) as (_ & _ & T3).
  apply max_margin_agrees in Hm.
  destruct (T3 γ Hm) as (_ & _ & _ & Q & _). destruct (encode K m W) as (T & HT).
  pose proof (Q λ U T Hl Hg (minimiser_agrees λ W T HT Min) HU HnU) as B.
  change (γ - Binary.normalised_margin T <= network_h n γ (network_s0 n γ U)) in B.
  pose proof (normalised_le W T i HT Hi). lra.
Qed.
End NetworkModel.

(** ** The bound falls when the margin grows (step 4 of Theorem 3.3) *)
Lemma χ_nonneg K : (2 <= K)%nat -> 0 <= χ K.
Proof.
  intro HK. pose proof (K_R K HK). pose proof (sqrt_pos (2 * (K - 1) * ln 2)). unfold χ.
  apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat, sqrt_lt_R0. lra.
Qed.
Lemma bound_antitone A C (K n : nat) δ γ γ' : 0 <= A -> 0 <= C -> (1 <= n)%nat -> 0 < γ -> γ <= γ' ->
  γ' <= C_K K C -> bound A C K n δ γ' <= bound A C K n δ γ.
Proof.
  intros HA HC Hn Hg H H'. unfold bound. set (CK := C_K K C) in *.
  assert (HnR : 0 < n) by (apply lt_0_INR; lia).
  apply Rplus_le_compat_r. apply Rplus_le_compat.
  - apply Rmult_le_compat_l; [apply Rmult_le_pos; lra|]. pose proof (sqrt_lt_R0 n HnR).
    assert (P : 0 < Rpower K ((K - 1) / 2)) by apply exp_pos.
    apply Rinv_le_contravar; [repeat apply Rmult_lt_0_compat; lra|].
    apply Rmult_le_compat_r; [lra|]. apply Rmult_le_compat_r; lra.
  - apply sqrt_le_1_alt. apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|].
    pose proof ln2_pos as L2.
    assert (A4 : 4 <= 4 * CK / γ').
    { apply Rmult_le_reg_r with γ'; [lra|]. unfold Rdiv. rewrite (Rmult_assoc (4 * CK)), Rinv_l, Rmult_1_r
        by lra. lra. }
    assert (I : / γ' <= / γ) by (apply Rinv_le_contravar; lra).
    assert (B : 4 * CK / γ' <= 4 * CK / γ) by (apply Rmult_le_compat_l; lra).
    assert (L4 : 0 < ln (4 * CK / γ')) by (rewrite <- ln_1; apply ln_increasing; lra).
    unfold log2. apply ln_mono; [now apply Rdiv_lt_0_compat|].
    apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|]. apply ln_mono; lra.
Qed.

(** Exercise 1 of Section 3: no margin exceeds C_K = K^(-K/2) C. *)
Section LargestMargin.
Context {Act : activation}.
Lemma max_margin_le_C_K K m n x y C g : (2 <= K)%nat -> (1 <= n)%nat -> m K = 1%nat ->
  (y 0%nat = 1 \/ y 0%nat = -1) -> len (m 0%nat) (x 0%nat) <= C ->
  network_max_margin K m n x y g -> g <= C_K K C.
Proof.
  intros HK Hn H1 Hy HC [(W & HW & HM) _]. specialize (HM 0%nat ltac:(lia)).
  pose proof (rhoK_pos K HK) as RP. pose proof (K_R K HK) as KR.
  pose proof (len_nonneg (m 0%nat) (x 0%nat)) as L0.
  pose proof (net_sq  K m W (x 0%nat) ltac:(lia) ltac:(rewrite H1; lia)) as Q. rewrite <- len_sq in Q.
  assert (P : prod K (frob m W) <= (/ INR K) ^ K).
  { destruct (classic (forall k, (k < K)%nat -> 0 < frob m W k)) as [Pos|No].
    - apply Rle_trans with (1 := AM_GM K (frob m W) ltac:(lia) Pos). apply pow_incr. fold (norm2 K m W).
      split.
      + apply Rmult_le_pos; [apply sum_nonneg; intros; apply frob_nonneg|left; apply Rinv_0_lt_compat; lra].
      + rewrite <- (Rmult_1_l (/ INR K)). apply Rmult_le_compat_r;
          [left; apply Rinv_0_lt_compat; lra|exact HW].
    - apply not_all_ex_not in No as (k & No). assert (Hk : (k < K)%nat)
        by (apply NNPP; intro N; apply No; intro; contradiction).
      assert (Z : frob m W k = 0) by (pose proof (frob_nonneg m W k); apply Rle_antisym;
        [apply Rnot_lt_le; intro; apply No; intro; assumption|assumption]).
      assert (Pz : prod K (frob m W) = 0) by (eapply prod_zero; eassumption). rewrite Pz. left.
      apply pow_lt, Rinv_0_lt_compat. lra. }
  assert (R2 : (rho K ^ K) ^ 2 = (/ INR K) ^ K) by (rewrite <- pow_mult, Nat.mul_comm, pow_mult, rho_sq
    by exact HK; reflexivity).
  assert (A : Rabs (net K m W (x 0%nat)) <= rho K ^ K * len (m 0%nat) (x 0%nat)).
  { apply Rsqr_incr_0_var; [|apply Rmult_le_pos; lra].
      rewrite <- Rsqr_abs, Rsqr_mult, !Rsqr_pow2, R2. apply Rle_trans with (1 := Q).
    apply Rmult_le_compat_r; [apply pow2_ge_0|exact P]. }
  apply Rabs_le_between in A. rewrite C_K_rho by exact HK.
  apply Rle_trans with (rho K ^ K * len (m 0%nat) (x 0%nat));
    [destruct Hy as [E|E]; rewrite E in HM; lra|apply Rmult_le_compat_l; lra].
Qed.
End LargestMargin.

Theorem theorem_3_3 : Theorem_3_3.
Proof.
  intros Act K m m' n x y C δ HK Hn Hy HC H0 H1 H2 Hw.
  destruct (network_max_margin_exists K ltac:(lia) m n x y H1 Hn Hy) as (γ & Hg).
  destruct (network_max_margin_exists K ltac:(lia) m' n x y H2 Hn Hy) as (γ' & Hg').
  exists γ, γ'. split; [exact Hg|]. split; [exact Hg'|].
  assert (Le : γ <= γ').
  { destruct Hg as [(W & HW & HM) _]. destruct Hg' as [_ Mx]. apply (Mx (padded m W)).
    - rewrite (padded_norm K m m'); try split; try assumption; lia.
    - intros i Hi. rewrite (padded_net K m m'); try split; try assumption; try lia. now apply HM. }
  split; [exact Le|]. intro Pos.
  assert (Gc : γ' <= C_K K C).
  { apply (max_margin_le_C_K K m' n x y C γ' HK Hn H2 (Hy O ltac:(lia))); [|exact Hg'].
      rewrite H0. apply HC. lia. }
  apply bound_antitone; try assumption; try lra; [now apply χ_nonneg|].
  pose proof (HC O ltac:(lia)). pose proof (len_nonneg (m O) (x O)). lra.
Qed.
