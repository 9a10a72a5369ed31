(** * Lemma C.2-S: two layers exactly, every depth from below, one example *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Suprema FiniteLaws Concentration
  Signs Contraction Networks Peeling DeepComplexity Rademacher MarginBound DeepNetworks.
Import ListNotations.
Open Scope R_scope.

Section TwoLayers.
Context {Act : activation}.
Variables (d n : nat) (x : nat -> vec).
Hypothesis d_pos : (1 <= d)%nat.
Hypothesis n_pos : (1 <= n)%nat.
Let HnR : 0 < INR n := lt_0_INR n ltac:(lia).
Let X := frob_X d n x.
Definition G (e : list R) (u : nat -> R) : R := signed_sum e (fun i => σ (dot d u (x i))).
Definition unit_sphere (u : nat -> R) := sq d u = 1.
Definition unit_ball (u : nat -> R) := sq d u <= 1.
(* sup over |u| = 1 of |sum_i e_i σ(u.x_i)| *)
Definition M (e : list R) : R := sup unit_sphere (fun u => Rabs (G e u)).
Notation values := (fun f : (nat -> R) -> R => fun i => f (x i)).

Lemma sigma_abs t : Rabs (σ t) <= Rabs t.
Proof. pose proof (σ_lipschitz t 0) as H. now rewrite (sigma_0), !Rminus_0_r in H. Qed.
Lemma dot_abs u v : Rabs (dot d u v) <= len d u * len d v.
Proof. rewrite <- sqrt_Rsqr_abs, Rsqr_pow2. unfold len. rewrite <- sqrt_mult by apply sq_nonneg.
apply sqrt_le_1_alt, Cauchy_Schwarz. Qed.
Lemma dot_bound u i : (i < n)%nat -> Rabs (dot d u (x i)) <= len d u * X.
Proof. intro Hi. apply Rle_trans with (1 := dot_abs u (x i)).
apply Rmult_le_compat_l; [apply len_nonneg|now apply len_le_frob]. Qed.
Lemma G_bound e u : In e (signs n) -> Rabs (G e u) <= INR n * (len d u * X).
Proof. intro I. apply (signed_sum_bound n); [exact I|]. intros i Hi.
apply Rle_trans with (1 := sigma_abs _). now apply dot_bound. Qed.
Lemma G_scale e c u : 0 < c -> G e (fun j => c * u j) = c * G e u.
Proof. intro Hc. unfold G. rewrite <- signed_sum_scal. apply signed_sum_ext. intro i.
rewrite <- σ_homogeneous by exact Hc. f_equal. unfold dot. rewrite <- sum_scal. apply sum_ext. intros.
ring. Qed.
Lemma e1_unit : unit_sphere (fun j => match j with O => 1 | _ => 0 end).
Proof. unfold unit_sphere, sq. rewrite (sum_pad 1 d); [simpl; ring|exact d_pos|]. intros i Hi.
destruct i; [lia|ring]. Qed.
Lemma len_unit u : unit_sphere u -> len d u = 1.
Proof. intro H. unfold len. rewrite H. apply sqrt_1. Qed.
Lemma M_ge e u : In e (signs n) -> unit_sphere u -> Rabs (G e u) <= M e.
Proof. intros I H. apply (sup_ge unit_sphere (fun u => Rabs (G e u)) (INR n * (1 * X))); [|exact H].
intros v Hv. rewrite <- (len_unit v Hv). now apply G_bound. Qed.
Lemma M_nonneg e : In e (signs n) -> 0 <= M e.
Proof. intro I. apply Rle_trans with (2 := M_ge e _ I e1_unit). apply Rabs_pos. Qed.
Lemma G_any e u : In e (signs n) -> Rabs (G e u) <= len d u * M e.
Proof.
  intro I. destruct (Rle_lt_or_eq_dec _ _ (len_nonneg d u)) as [P|Z].
  - set (v := fun j => / len d u * u j). pose proof (Rinv_0_lt_compat _ P) as PI.
    assert (Hv : unit_sphere v) by (unfold unit_sphere, v; rewrite sq_scal, <- len_sq; field; lra).
    pose proof (M_ge e v I Hv) as Q. unfold v in Q.
    rewrite G_scale, Rabs_mult, (Rabs_pos_eq (/ len d u)) in Q by lra.
    apply Rmult_le_compat_l with (r := len d u) in Q; [|lra].
    rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l in Q by lra. exact Q.
  - pose proof (G_bound e u I) as Q. rewrite <- Z in *. lra.
Qed.
(** Step 8 of Lemma C.2-S *)
Lemma two_layer_upper e f : In e (signs n) -> deep d 2 f -> signed_sum e (values f) <= / 2 * M e.
Proof.
  intros I (m & W & (H0 & H1) & HF & E).
  assert (V : signed_sum e (values f) = sum (m 1%nat) (fun j => W 1%nat O j * G e (W O j))).
  { rewrite (signed_sum_ext e (values f) (fun i => sum (m 1%nat) (fun j => W 1%nat O j
      * σ (dot d (W O j) (x i))))).
    - rewrite signed_sum_sum. apply sum_ext. intros j _. unfold G. rewrite <- signed_sum_scal. reflexivity.
    - intro i. rewrite E. unfold net, layer. cbn [pred hidden]. unfold dot at 1, layer. rewrite H0.
      reflexivity. }
  rewrite V. pose proof (M_nonneg e I) as M0.
  apply Rle_trans with (sum (m 1%nat) (fun j => M e * (/ 2 * (W 1%nat O j ^ 2 + sq d (W O j))))).
  - apply sum_le. intros j _. apply Rle_trans with (Rabs (W 1%nat O j) * (len d (W O j) * M e)).
    + apply Rle_trans with (1 := Rle_abs _). rewrite Rabs_mult.
      apply Rmult_le_compat_l; [apply Rabs_pos|now apply G_any].
    + replace (Rabs (W 1%nat O j) * (len d (W O j) * M e))
        with (M e * (Rabs (W 1%nat O j) * len d (W O j))) by ring. apply Rmult_le_compat_l; [exact M0|].
      rewrite <- len_sq, <- (pow2_abs (W 1%nat O j)).
      pose proof (pow2_ge_0 (Rabs (W 1%nat O j) - len d (W O j))). nra.
  - rewrite sum_scal, sum_scal, sum_plus. pose proof (HF 0%nat ltac:(lia)) as F0.
    pose proof (HF 1%nat ltac:(lia)) as F1. unfold frob in F0, F1. rewrite H0 in F0. rewrite H1 in F1.
    cbn [sum] in F1. rewrite Rplus_0_l in F1. change (sum (m 1%nat) (fun i => W 1%nat O i ^ 2))
      with (sq (m 1%nat) (W 1%nat O)). simpl INR in F0, F1. nra.
Qed.
(** Step 10 of Lemma C.2-S: a chain of single neurons *)
Lemma chain K t u : (2 <= K)%nat -> ((3 <= K)%nat -> forall v, σ (σ v) = σ v) -> t = 1 \/ t = - (1) ->
  unit_sphere u ->
  exists f, deep d K f /\ forall v, f v = t * (rho K ^ K * σ (dot d u v)).
Proof.
  intros HK Idem Ht Hu. set (m := fun k => match k with O => d | _ => 1%nat end).
  set (W := fun k (i j : nat) => match k with O => rho K * u j | _ => if Nat.eq_dec (S k) K then t
    * rho K else rho K end).
  pose proof (rho_pos K HK) as RP. pose proof (rho_sq K HK) as R2. exists (net K m W). split.
  - exists m, W. split; [split; [reflexivity|destruct K; [lia|reflexivity]]|]. split; [|reflexivity].
    intros j Hj. rewrite <- R2. unfold frob. destruct j as [|j].
    + cbn [m sum]. unfold W. rewrite sq_scal, Hu. lra.
    + cbn [m sum]. unfold sq. cbn [sum]. unfold W. assert (t ^ 2 = 1) by (destruct Ht as [-> | ->]; ring).
      destruct (Nat.eq_dec _ K); [rewrite Rpow_mult_distr, H|]; lra.
  - intro v. assert (H : forall k, (S (S k) <= K)%nat -> hidden m W v (S k) O = rho K ^ S k * σ (dot d u v)).
    { induction k as [|k IH]; intro Hk.
      - cbn [hidden]. unfold layer, dot. cbn [m].
        rewrite (sum_ext d _ (fun j => rho K * (u j * v j))) by (intros; unfold W; ring).
        rewrite sum_scal, σ_homogeneous by exact RP. simpl. ring.
      - change (σ (layer m W (S k) (hidden m W v (S k)) O) = rho K ^ S (S k) * σ (dot d u v)).
        unfold layer, dot at 1. cbn [m sum]. rewrite IH by lia. unfold W at 1.
        destruct (Nat.eq_dec (S (S k)) K) as [|_]; [lia|].
        replace (0 + rho K * (rho K ^ S k * σ (dot d u v))) with (rho K ^ S (S k) * σ (dot d u v))
          by (simpl; ring).
        rewrite σ_homogeneous by (apply pow_lt; exact RP). rewrite Idem by lia. reflexivity. }
    destruct K as [|[|k]]; [lia|lia|]. unfold net. cbn [pred]. unfold layer, dot at 1. cbn [m sum].
    rewrite H by lia. unfold W.
    destruct (Nat.eq_dec (S (S k)) (S (S k))) as [_|N]; [simpl; ring|now destruct N].
Qed.
Lemma deep_lower K e : (2 <= K)%nat -> ((3 <= K)%nat -> forall v, σ (σ v) = σ v) -> In e (signs n) ->
  rho K ^ K * M e <= sup (deep d K) (fun f => signed_sum e (values f)).
Proof.
  intros HK Idem I. pose proof (rhoK_pos K HK) as RP.
  apply Rmult_le_reg_l with (/ rho K ^ K); [now apply Rinv_0_lt_compat|].
  rewrite <- Rmult_assoc, Rinv_l, Rmult_1_l by lra.
  apply sup_least; [eexists; apply e1_unit|]. intros u Hu.
  apply Rmult_le_reg_l with (rho K ^ K); [exact RP|]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra.
  assert (Up : forall t, t = 1 \/ t = - (1) ->
    t * (rho K ^ K * G e u) <= sup (deep d K) (fun f => signed_sum e (values f))).
  { intros t Ht. destruct (chain K t u HK Idem Ht Hu) as (f & Hf & Ef). replace (t * (rho K ^ K * G e u))
      with (signed_sum e (values f)).
    - apply (sup_ge (deep d K) (fun f => signed_sum e (values f)) (INR n * (rho K ^ K * X))); [|exact Hf].
      intros g Hg.
      apply (values_bound n (deep d K) values); [|exact I|exact Hg].
      intros; now apply (deep_bounded d K HK n).
    - unfold G. rewrite <- !signed_sum_scal. apply signed_sum_ext. intro i. apply Ef. }
  pose proof (Up 1 (or_introl eq_refl)). pose proof (Up (- (1)) (or_intror eq_refl)). unfold Rabs.
  destruct (Rcase_abs _); lra.
Qed.
Lemma two_layers_exact : complexity n (deep d 2) values = / (2 * INR n) * E n M.
Proof.
  unfold complexity. replace (/ (2 * INR n) * E n M) with (/ INR n * E n (fun e => / 2 * M e))
    by (rewrite E_scal; field; lra). f_equal. apply E_ext. intros e I. apply Rle_antisym.
  - apply sup_least; [apply (deep_nonempty d 2); lia|]. intros f Hf. now apply two_layer_upper.
  - pose proof (deep_lower 2 e ltac:(lia) ltac:(lia) I) as Q. rewrite rho_sq in Q by lia. exact Q.
Qed.
(** Step 9 of Lemma C.2-S *)
Lemma two_layers_upper : complexity n (deep d 2) values <= frob_X d n x / INR n.
Proof.
  rewrite two_layers_exact. assert (B0 : unit_ball (fun _ => 0))
    by (unfold unit_ball, sq; rewrite (sum_ext _ _ (fun _ => 0)) by (intros; ring); rewrite sum_const; lra).
  assert (Ex : exists u, unit_ball u) by now exists (fun _ => 0).
  assert (Len : forall u, unit_ball u -> len d u <= 1) by (intros u Hu; unfold len; rewrite <- sqrt_1;
    now apply sqrt_le_1_alt).
  assert (X0 : 0 <= X) by apply sqrt_pos.
  assert (Bd : forall u i, unit_ball u -> (i < n)%nat -> Rabs (dot d u (x i)) <= X).
  { intros u i Hu Hi. apply Rle_trans with (1 := dot_bound u i Hi). pose proof (Len u Hu). nra. }
  assert (GB : forall e u, In e (signs n) -> unit_ball u -> G e u <= INR n * X).
  { intros e u I Hu. apply (values_bound n unit_ball (fun u i => σ (dot d u (x i)))); [|exact I|exact Hu].
      intros v i Hv Hi. apply Rle_trans with (1 := sigma_abs _). now apply Bd. }
  assert (Neg : forall e u, G (map Ropp e) u = - G e u) by (intros; unfold G; apply signed_sum_opp).
  assert (IN : forall m e, In e (signs m) -> In (map Ropp e) (signs m)).
  { induction m as [|m IH]; intros e I; [destruct I as [<-|[]]; now left|].
      apply in_signs_S in I as (t & e' & Ht & -> & I). apply in_signs_S. exists (- t), (map Ropp e').
    split; [destruct Ht as [-> | ->]; [now right|left; ring]|]. split; [reflexivity|now apply IH]. }
  assert (St : E n M <= E n (fun e => sup unit_ball (G e) + sup unit_ball (G (map Ropp e)))).
  { apply E_le. intros e I. apply sup_least; [eexists; apply e1_unit|].
      intros u Hu. assert (Hb : unit_ball u) by (unfold unit_ball; rewrite Hu; lra).
    pose proof (sup_ge unit_ball (G e) _ u (fun v => GB e v I) Hb).
    pose proof (sup_ge unit_ball (G (map Ropp e)) _ u (fun v => GB _ v (IN n e I)) Hb) as Q2.
    rewrite Neg in Q2.
    assert (G0 : forall e, G e (fun _ => 0) = 0).
    { intro e'. unfold G. rewrite (signed_sum_ext e' _ (fun _ => 0 * 0)); [rewrite signed_sum_scal; ring|].
        intro i. unfold dot. rewrite (sum_ext _ _ (fun _ => 0)) by (intros; ring).
      rewrite sum_const, Rmult_0_r, (sigma_0). ring. }
    pose proof (sup_ge unit_ball (G e) _ _ (fun v => GB e v I) B0) as Z1.
    pose proof (sup_ge unit_ball (G (map Ropp e)) _ _ (fun v => GB _ v (IN n e I)) B0) as Z2.
    rewrite G0 in Z1, Z2.
    unfold Rabs. destruct (Rcase_abs _); lra. }
  rewrite E_plus, (E_opp n (fun e => sup unit_ball (G e))) in St.
  pose proof (contraction_sup n unit_ball n_pos Ex (fun u i => dot d u (x i)) (fun _ => σ) X Bd
    (fun _ => sigma_contraction )) as Ct. unfold complexity in Ct.
  apply Rmult_le_reg_l in Ct; [|now apply Rinv_0_lt_compat].
  change (fun e => sup unit_ball (fun f => signed_sum e (fun i => σ (dot d f (x i)))))
    with (fun e => sup unit_ball (G e)) in Ct.
  assert (Lin : E n (fun e => sup unit_ball (fun u => signed_sum e (fun i => dot d u (x i)))) <= X).
  { apply Rle_trans with (2 := signed_length_mean d n x). apply E_le. intros e I. apply sup_least;
      [exact Ex|]. intros u Hu.
    replace (signed_sum e (fun i => dot d u (x i)))
      with (dot d u (fun j => 0 + signed_sum e (fun i => x i j))).
    - apply Rle_trans with (1 := dot_le_len d _ _). fold (signed_length d x (fun _ => 0) e).
      pose proof (len_nonneg d (fun j => 0 + signed_sum e (fun i => x i j))) as P.
      fold (signed_length d x (fun _ => 0) e) in P. pose proof (Len u Hu). nra.
    - unfold dot. rewrite (signed_sum_sum e d (fun i j => u j * x i j)). apply sum_ext. intros j _.
      rewrite signed_sum_scal. ring. }
  fold X. apply Rle_trans with (/ (2 * INR n) * (2 * X));
    [apply Rmult_le_compat_l; [left; apply Rinv_0_lt_compat; lra|lra]|]. right. field. lra.
Qed.
Lemma every_depth_lower K : (2 <= K)%nat -> (forall v, σ (σ v) = σ v) ->
  2 * rho K ^ K * complexity n (deep d 2) values <= complexity n (deep d K) values.
Proof.
  intros HK Idem. rewrite two_layers_exact. replace (2 * rho K ^ K * (/ (2 * INR n) * E n M))
    with (/ INR n * E n (fun e => rho K ^ K * M e)) by (rewrite E_scal; field; lra).
  apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|]. apply E_le. intros e I. now apply deep_lower.
Qed.
End TwoLayers.

(** ** The relu *)
Lemma relu_lip s t : Rabs (relu s - relu t) <= Rabs (s - t).
Proof. unfold relu, Rmax, Rabs. repeat destruct (Rle_dec _ _); repeat destruct (Rcase_abs _); lra. Qed.
Lemma relu_hom c t : 0 < c -> relu (c * t) = c * relu t.
Proof. intro Hc. unfold relu. rewrite <- (Rmult_0_r c) at 1. rewrite RmaxRmult by lra. reflexivity. Qed.
Lemma relu_relu t : relu (relu t) = relu t.
Proof. unfold relu, Rmax. repeat destruct (Rle_dec _ _); lra. Qed.
Definition relu_activation : activation := {| σ := relu; σ_lipschitz := relu_lip; σ_homogeneous :=
  relu_hom |}.

(** One example: the complexity is K^(-K/2) |x|. *)
Section OneExample.
Context {Act : activation}.
Hypothesis is_relu : forall t, σ t = relu t.
Lemma idempotent t : σ (σ t) = σ t.
Proof. rewrite !is_relu. apply relu_relu. Qed.
Lemma one_example d K (x : nat -> vec) : (1 <= d)%nat -> (2 <= K)%nat ->
  complexity 1 (deep d K) (fun f i => f (x i)) = rho K ^ K * len d (x O).
Proof.
  intros Hd HK. pose proof (rhoK_pos K HK) as RP. apply Rle_antisym.
  - apply Rle_trans with (/ INR 1 * (rho K ^ K * len d (x O))); [|simpl; lra].
    apply (complexity_le 1 (deep d K) (le_n 1) (deep_nonempty d K HK) _ (rho K ^ K * frob_X d 1 x)).
    + intros; now apply (deep_bounded d K HK 1).
    + intros t Ht. cbn [E signed_sum]. pose proof (lemma_c_2_i d K HK _ (x O) (Ht [1])) as Q1.
      pose proof (lemma_c_2_i d K HK _ (x O) (Ht [- (1)])) as Q2.
      apply Rabs_le_between in Q1. apply Rabs_le_between in Q2. lra.
  - unfold complexity. simpl INR. rewrite Rinv_1, Rmult_1_l.
    rewrite <- (E_const 1 (rho K ^ K * len d (x O))). apply E_le. intros e I.
    apply Rle_trans with (2 := deep_lower d 1 x Hd (le_n 1) K e HK (fun _ => idempotent) I).
    apply Rmult_le_compat_l; [lra|].
    destruct (Rle_lt_or_eq_dec _ _ (len_nonneg d (x O))) as [P|Z];
      [|rewrite <- Z; now apply (M_nonneg d 1 x Hd (le_n 1))].
    set (u := fun j => / len d (x O) * x O j).
    assert (Hu : unit_sphere d u) by (unfold unit_sphere, u; rewrite sq_scal, <- len_sq; field; lra).
    apply Rle_trans with (2 := M_ge d 1 x e u I Hu). apply in_signs_S in I as (s & e' & Hs & -> & I).
    destruct I as [<-|[]]. unfold G. cbn [signed_sum].
    assert (Dx : dot d u (x O) = len d (x O)).
    { unfold u, dot. rewrite (sum_ext d _ (fun j => / len d (x O) * x O j ^ 2))
        by (intros; ring). rewrite sum_scal. fold (sq d (x O)). rewrite <- len_sq. field. lra. }
    rewrite Dx, is_relu. unfold relu. rewrite Rmax_right by lra.
    rewrite Rplus_0_r, Rabs_mult, (Rabs_pos_eq (len d (x O))) by lra.
    assert (Rabs s = 1) as -> by (destruct Hs as [-> | ->];
      [apply Rabs_R1|rewrite Rabs_Ropp; apply Rabs_R1]). lra.
Qed.
End OneExample.

Theorem lemma_C_2_S : Lemma_C_2_S.
Proof.
  intros Act d n x Hd Hn. split; [|split].
  - now apply two_layers_exact.
  - now apply two_layers_upper.
  - intros Hr K HK. rewrite <- rho_power by exact HK. split; [|now apply one_example].
    apply every_depth_lower; try assumption. intro t. now apply idempotent.
Qed.

Theorem proposition_3_1 : Proposition_3_1.
Proof.
  intros Act d K n filler D C HK Hn L Hy HC δ Hδ. split.
  { apply Rle_trans with (1 := DeepNetworks.proposition_3_1 d K HK n Hn filler D C L Hy HC δ Hδ).
    apply Pr_le; [now apply sample_law|]. intros s _ H m W γ [H0 H1]. now apply H. }
  intros Hd ->. pose proof (lt_0_INR n ltac:(lia)) as HnR. assert (Sn : 0 < sqrt n) by now apply sqrt_lt_R0.
  assert (S2 : 0 < sqrt 2) by (apply sqrt_lt_R0; lra).
  assert (R2 : Rpower (INR 2) ((INR 2 - 1) / 2) = sqrt 2).
  { simpl INR. replace ((1 + 1 - 1) / 2) with (/ 2) by field. apply Rpower_sqrt. lra. }
  pose proof (Prop_3_1_A d 2 HK n Hn filler D C L Hy HC (sqrt 2) δ) as P. rewrite R2 in P.
  eapply Rle_trans; [apply P; [|exact Hδ]|].
  - intros s Hs. apply Rle_trans with (1 := two_layers_upper d n (fun i => fst (s i)) Hd Hn).
    apply Rle_trans with (C * sqrt n / n).
    + apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|]. apply (frob_le d 2 HK n Hn).
      * exact (C_nonneg d D C L HC).
      * intros i Hi. apply (HC _ (snd (s i))). rewrite <- surjective_pairing.
        now apply (sample_atom filler n D s L Hs).
    + right. replace (INR n) with (sqrt n * sqrt n) at 2 by (apply sqrt_sqrt; lra). field. lra.
  - apply Pr_le; [now apply sample_law|]. intros s _ H m W γ [H0 H1] Hg Hm.
    destruct (H m W γ H0 H1 Hg Hm) as [_ Q]. apply Rle_trans with (1 := Q). unfold bound. rewrite R2.
    rewrite C_K_rho, rho_sq by lia. simpl INR. right. replace (/ (1 + 1) * C) with (C / 2) by field.
    f_equal. f_equal. field. lra.
Qed.
