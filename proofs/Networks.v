(** * Networks: padding, the size of the output, balancing *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary.
Import ListNotations.
Open Scope R_scope.

Section Networks.
Context {Act : activation}.
Lemma frob_nonneg m W k : 0 <= frob m W k. Proof. apply sum_nonneg. intros. apply sq_nonneg. Qed.

(** ** Zero padding (steps 1 and 2 of Theorem 3.3) *)
Section Padding.
Variables (K : nat) (m m' : nat -> nat).
Hypothesis depth : (1 <= K)%nat.
Hypothesis same_input : m' O = m O.
Hypothesis one_output : m K = 1%nat /\ m' K = 1%nat.
Hypothesis wider : forall k, (k <= K)%nat -> (m k <= m' k)%nat.
Definition padded (W : nat -> nat -> nat -> R) : nat -> nat -> nat -> R :=
  fun k i j => if Nat.ltb i (m (S k)) then (if Nat.ltb j (m k) then W k i j else 0) else 0.

(** Step 1 of Theorem 3.3: an old neuron sees what it saw *)
Lemma padded_layer W k u v i : (k <= K)%nat -> (i < m (S k))%nat -> (forall j, (j < m k)%nat -> u j = v j) ->
  layer m' (padded W) k u i = layer m W k v i.
Proof.
  intros Hk Hi H. unfold layer, dot, padded. apply Nat.ltb_lt in Hi. rewrite Hi. rewrite (sum_pad (m k)).
  - apply sum_ext. intros j Hj. rewrite H by exact Hj. apply Nat.ltb_lt in Hj. rewrite Hj. reflexivity.
  - now apply wider.
  - intros j Hj. apply Nat.ltb_ge in Hj. rewrite Hj. ring.
Qed.
Lemma padded_hidden W x k : (k <= K)%nat -> forall i, (i < m k)%nat ->
  hidden m' (padded W) x k i = hidden m W x k i.
Proof.
  induction k as [|k IH]; intros Hk i Hi; [reflexivity|]. simpl. f_equal.
  apply padded_layer; [lia|exact Hi|]. apply IH. lia.
Qed.
Lemma padded_net W x : net K m' (padded W) x = net K m W x.
Proof.
  unfold net. apply padded_layer; [lia| |].
  - replace (S (pred K)) with K by lia. lia.
  - apply padded_hidden. lia.
Qed.
(** Step 2 of Theorem 3.3: only zeros were added *)
Lemma padded_norm W : norm2 K m' (padded W) = norm2 K m W.
Proof.
  unfold norm2. apply sum_ext. intros k Hk. unfold frob. rewrite (sum_pad (m (S k))).
  - apply sum_ext. intros i Hi. unfold sq, padded. apply Nat.ltb_lt in Hi. rewrite Hi.
    rewrite (sum_pad (m k)).
    + apply sum_ext. intros j Hj. apply Nat.ltb_lt in Hj. now rewrite Hj.
    + apply wider. lia.
    + intros j Hj. apply Nat.ltb_ge in Hj. rewrite Hj. ring.
  - apply wider. lia.
  - intros i Hi. unfold sq, padded. apply Nat.ltb_ge in Hi. rewrite Hi.
    rewrite (sum_ext _ _ (fun _ => 0)) by (intros; ring). rewrite sum_const. ring.
Qed.
End Padding.

(** ** The size of the output (Lemma C.2, step 1) and balancing (Proposition 3.1, steps 1 to 3) *)
Lemma sigma_0 : σ 0 = 0.
Proof. pose proof (σ_homogeneous 2 0 ltac:(lra)) as H. rewrite Rmult_0_r in H. lra. Qed.
Lemma sigma_sq t : σ t ^ 2 <= t ^ 2.
Proof.
  pose proof (σ_lipschitz t 0) as H. rewrite sigma_0, !Rminus_0_r in H. pose proof (Rabs_pos (σ t)).
  rewrite <- (pow2_abs (σ t)), <- (pow2_abs t). apply pow_incr. lra.
Qed.
(* step 1 of Lemma C.2: one layer *)
Lemma layer_sq m W k v : sq (m (S k)) (layer m W k v) <= frob m W k * sq (m k) v.
Proof.
  unfold frob. rewrite Rmult_comm, <- sum_scal. unfold sq at 1. apply sum_le. intros i _. unfold layer.
  pose proof (Cauchy_Schwarz (m k) (W k i) v). lra.
Qed.
Lemma hidden_sq m W x k : sq (m k) (hidden m W x k) <= prod k (frob m W) * sq (m O) x.
Proof.
  induction k as [|k IH]; [simpl; lra|]. simpl.
  apply Rle_trans with (sq (m (S k)) (layer m W k (hidden m W x k))); [apply sum_le; intros; apply sigma_sq|].
  apply Rle_trans with (1 := layer_sq m W k _). pose proof (frob_nonneg m W k). nra.
Qed.
Theorem net_sq K m W x : (1 <= K)%nat -> (1 <= m K)%nat -> net K m W x ^ 2 <= prod K (frob m W) * sq (m O) x.
Proof.
  intros HK Hm. destruct K as [|K]; [lia|]. unfold net. simpl pred. simpl prod.
  apply Rle_trans with (sq (m (S K)) (layer m W K (hidden m W x K))).
  - apply (sum_term (m (S K)) (fun i => layer m W K (hidden m W x K) i ^ 2)); [lia|intros; apply pow2_ge_0].
  - apply Rle_trans with (1 := layer_sq m W K _). pose proof (hidden_sq m W x K).
    pose proof (frob_nonneg m W K). nra.
Qed.
(* |f(x)|^2 <= K^-K |x|^2 *)
Theorem lem_C_2_i K m W x : (1 <= K)%nat -> (1 <= m K)%nat ->
  (forall k, (k < K)%nat -> frob m W k <= / INR K) ->
  net K m W x ^ 2 <= (/ INR K) ^ K * sq (m O) x.
Proof.
  intros HK Hm H. apply Rle_trans with (1 := net_sq K m W x HK Hm).
  apply Rmult_le_compat_r; [apply sq_nonneg|].
  apply prod_le. intros k Hk. split; [apply frob_nonneg|now apply H].
Qed.

Lemma layer_scal m c W k (b : R) u v i : (forall j, (j < m k)%nat -> u j = b * v j) ->
  layer m (rescaled c W) k u i = c k * b * layer m W k v i.
Proof.
  intro H. unfold layer, dot, rescaled. rewrite <- sum_scal. apply sum_ext. intros j Hj.
  rewrite H by exact Hj. ring.
Qed.
Lemma hidden_scal m c W x k : (forall j, 0 < c j) ->
  forall i, hidden m (rescaled c W) x k i = prod k c * hidden m W x k i.
Proof.
  intro Hc. induction k as [|k IH]; intro i; [simpl; ring|]. simpl.
  rewrite (layer_scal m c W k (prod k c) _ (hidden m W x k)) by (intros; apply IH).
  rewrite σ_homogeneous; [ring|]. apply Rmult_lt_0_compat; [apply Hc|apply prod_pos; intros; apply Hc].
Qed.
Lemma net_scal K m c W x : (1 <= K)%nat -> (forall j, 0 < c j) ->
  net K m (rescaled c W) x = prod K c * net K m W x.
Proof.
  intros HK Hc. destruct K as [|K]; [lia|]. unfold net. simpl pred.
  rewrite (layer_scal m c W K (prod K c) _ (hidden m W x K)) by (intros; now apply hidden_scal).
  simpl. ring.
Qed.
Lemma frob_scal m c W k : frob m (rescaled c W) k = c k ^ 2 * frob m W k.
Proof. unfold frob. rewrite <- sum_scal. apply sum_ext. intros i _. unfold rescaled.
apply (sq_scal (m k) (c k) (W k i)). Qed.
(* steps 1 to 3 of Proposition 3.1: the balanced network computes f(Theta/|Theta|; .)
  with layers of norm at most K^(-1/2) *)
Theorem prop_3_1_balancing K m W : (1 <= K)%nat -> (forall k, (k < K)%nat -> 0 < frob m W k) ->
  exists W', (forall k, (k < K)%nat -> frob m W' k <= / INR K) /\
  forall x, net K m W' x = net K m (rescaled (fun _ => / sqrt (norm2 K m W)) W) x.
Proof.
  intros HK H. set (P := prod K (frob m W)). assert (P0 : 0 < P) by (apply prod_pos; exact H).
  set (rho := exp (ln P / INR K / 2)).     (* P^(1/(2K)), the geometric mean of the layer norms *)
  set (nu := sqrt (norm2 K m W)). assert (N0 : 0 < INR K) by (apply lt_0_INR; lia).
  assert (T0 : 0 < norm2 K m W).
  { unfold norm2. apply Rlt_le_trans with (frob m W O); [apply H; lia|].
      apply (sum_term K (frob m W)); [lia|]. intros. apply frob_nonneg. }
  assert (nu0 : 0 < nu) by now apply sqrt_lt_R0.
  assert (R0 : 0 < rho) by apply exp_pos.
  set (c := fun k => if Nat.ltb k K then rho * / (sqrt (frob m W k) * nu) else 1).
  assert (Hc : forall k, 0 < c k).
  { intro k. unfold c. destruct (Nat.ltb_spec k K); [|lra]. apply Rmult_lt_0_compat; [exact R0|].
      apply Rinv_0_lt_compat, Rmult_lt_0_compat; [apply sqrt_lt_R0, H; lia|exact nu0]. }
  assert (RK : (rho ^ 2) ^ K = P).
  { rewrite <- pow_mult. apply ln_inv; [apply pow_lt, exp_pos|exact P0|].
      rewrite ln_pow by apply exp_pos. unfold rho. rewrite ln_exp, mult_INR. simpl. field. lra. }
  exists (rescaled c W). split.
  - intros k Hk. rewrite frob_scal. unfold c. destruct (Nat.ltb_spec k K); [|lia]. pose proof (H k Hk) as Hf.
    assert (E : (rho * / (sqrt (frob m W k) * nu)) ^ 2 * frob m W k = rho ^ 2 / norm2 K m W).
    { pose proof (sqrt_lt_R0 _ Hf). replace (frob m W k) with (sqrt (frob m W k) ^ 2) at 2
        by (rewrite <- Rsqr_pow2; apply Rsqr_sqrt; lra).
      replace (norm2 K m W) with (nu ^ 2) by (rewrite <- Rsqr_pow2; apply Rsqr_sqrt; lra). field. lra. }
    rewrite E. apply Rmult_le_reg_r with (norm2 K m W); [exact T0|]. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    apply Rnot_lt_le. intro Lt. assert (Lt' : norm2 K m W / INR K < rho ^ 2) by (unfold Rdiv; lra).
    pose proof (AM_GM K (frob m W) HK H) as Q. fold P in Q.
    change (sum K (frob m W)) with (norm2 K m W) in Q. rewrite <- RK in Q.
    assert (H1 : 0 < norm2 K m W / INR K) by now apply Rdiv_lt_0_compat.
    assert (pow_lt_mono : forall j u v, 0 < u < v -> (1 <= j)%nat -> u ^ j < v ^ j).
    { intros j u v Huv Hj. destruct j as [|j]; [lia|]. clear -Huv. induction j as [|j IH]; [lra|].
        change (u * u ^ S j < v * v ^ S j).
      apply Rmult_le_0_lt_compat; [lra|left; apply pow_lt; lra|lra|exact IH]. }
    pose proof (pow_lt_mono K (norm2 K m W / INR K) (rho ^ 2) (conj H1 Lt') HK). lra.
  - intro x. rewrite !net_scal by (try assumption; intros; now apply Rinv_0_lt_compat). f_equal.
    transitivity (prod K (fun k => (rho / nu) * / sqrt (frob m W k))).
    { apply prod_ext. intros k Hk. unfold c. destruct (Nat.ltb_spec k K); [|lia].
      pose proof (sqrt_lt_R0 _ (H k Hk)). field. repeat split; lra. }
    rewrite prod_div by (intros; apply sqrt_lt_R0, H; assumption).
    rewrite prod_sqrt by (intros; left; now apply H). fold P.
    assert (RP : rho ^ K = sqrt P).
    { rewrite <- RK. rewrite <- pow_mult, Nat.mul_comm,
        pow_mult. rewrite <- Rsqr_pow2. symmetry. apply sqrt_Rsqr. left. now apply pow_lt. }
    unfold Rdiv at 2. rewrite Rpow_mult_distr, RP.
    assert (sqrt P <> 0) by (apply Rgt_not_eq, sqrt_lt_R0, P0).
    replace (sqrt P * (/ nu) ^ K / sqrt P) with ((/ nu) ^ K)
      by (unfold Rdiv; rewrite Rmult_comm, <- Rmult_assoc, Rinv_l by assumption; ring).
    assert (G : forall j b, prod j (fun _ => b) = b ^ j)
      by (intros j b; induction j; simpl; [reflexivity|rewrite IHj; ring]).
    now rewrite G.
Qed.
End Networks.
