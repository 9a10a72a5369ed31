(** * R^p: continuity, the theorem of Weierstrass, norms *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Sums Elementary.
Import ListNotations.
Open Scope R_scope.

Definition closed (p : nat) (K : vec -> Prop) :=
  forall v, ~ K v -> exists d, 0 < d /\ forall w, near p d v w -> ~ K w.
Definition bounded (p : nat) (K : vec -> Prop) :=
  exists B, forall v, K v -> forall k, (k < p)%nat -> Rabs (v k) <= B.

Lemma near_weaken p d d' v w : d <= d' -> near p d v w -> near p d' v w.
Proof. intros H N k Hk. specialize (N k Hk). lra. Qed.
Lemma near_self p d v : 0 < d -> near p d v v.
Proof. intros H k _. rewrite Rminus_eq_0, Rabs_R0. exact H. Qed.

(* translation to and from Coquelicot's tuples *)
Fixpoint of_vec (p : nat) (v : vec) : Tn p R :=
  match p return Tn p R with O => tt | S q => (v O, of_vec q (fun k => v (S k))) end.
Fixpoint to_vec (p : nat) : Tn p R -> vec :=
  match p return Tn p R -> vec with O => fun _ _ => 0
  | S q => fun t k => match k with O => fst t | S j => to_vec q (snd t) j end end.

Lemma of_vec_bounded p B : forall v, (forall k, (k < p)%nat -> Rabs (v k) <= B) ->
  bounded_n p (of_vec p (fun _ => - B)) (of_vec p (fun _ => B)) (of_vec p v).
Proof.
  induction p as [|p IH]; intros v H; simpl; [exact I|]. split.
  - pose proof (H O ltac:(lia)) as Q. apply Rabs_le_between in Q. exact Q.
  - apply IH. intros k Hk. apply H. lia.
Qed.
Lemma close_near p d : forall v t, close_n p d (of_vec p v) t -> near p d (to_vec p t) v.
Proof.
  induction p as [|p IH]; intros v t H k Hk; [lia|]. destruct t as [t1 t2]. simpl in H. destruct H as [H1 H2].
  destruct k as [|k]; simpl; [exact H1|]. apply (IH (fun j => v (S j)) t2 H2 k). lia.
Qed.

Section Weierstrass.
Variables (p : nat) (K : vec -> Prop) (g : vec -> R).
Hypothesis K_closed : closed p K.
Hypothesis K_bounded : bounded p K.
Hypothesis K_point : exists v, K v.
Hypothesis g_continuous : continuous_on p g.

(* some point of K beats every point of K within d of t *)
Definition beaten (t : vec) (d : R) := exists u, K u /\ forall w, K w -> near p d t w -> g u < g w.
Definition radii (t : vec) (d : R) := 0 < d <= 1 /\ beaten t d.
Definition radius (t : vec) : R := real (Lub_Rbar (radii t)) / 2.

Lemma radius_spec t : (exists d, 0 < d /\ beaten t d) -> 0 < radius t /\ beaten t (radius t).
Proof.
  intros (d & Hd & B).
  assert (E : radii t (Rmin d 1)).
  { split; [split; [apply Rmin_glb_lt; lra|apply Rmin_r]|].
    destruct B as (u & Ku & Hu). exists u. split; [exact Ku|]. intros w Kw N. apply Hu; [exact Kw|].
    apply near_weaken with (2 := N). apply Rmin_l. }
  destruct (Lub_Rbar_correct (radii t)) as [Up Le].
  assert (U1 : is_ub_Rbar (radii t) 1) by (intros x [Hx _]; simpl; lra).
  pose proof (Le _ U1) as L1. pose proof (Up _ E) as L0. unfold radius.
  destruct (Lub_Rbar (radii t)) as [b| |]; simpl in L0, L1; try easy. simpl.
  assert (Pos : 0 < Rmin d 1) by (destruct E; lra).
  split; [lra|].
  destruct (classic (exists e, radii t e /\ b / 2 < e)) as [(e & [He (u & Ku & Hu)] & Hbe)|NE].
  - exists u. split; [exact Ku|]. intros w Kw N. apply Hu; [exact Kw|]. apply near_weaken with (2 := N). lra.
  - exfalso. assert (U2 : is_ub_Rbar (radii t) (b / 2)).
    { intros x Hx. simpl. apply Rnot_lt_le. intro. apply NE. now exists x. }
    pose proof (Le _ U2) as Q. simpl in Q. lra.
Qed.

Theorem Weierstrass : exists v, K v /\ forall w, K w -> g v <= g w.
Proof.
  apply NNPP. intro No.
  assert (Beat : forall t, exists d, 0 < d /\ beaten t d).
  { intro t. destruct (classic (K t)) as [Kt|NK].
    - assert (exists u, K u /\ g u < g t) as (u & Ku & Hu).
      { apply NNPP. intro NN. apply No. exists t. split; [exact Kt|]. intros w Kw.
        apply Rnot_lt_le. intro. apply NN. now exists w. }
      destruct (g_continuous t (g t - g u)) as (d & Hd & Hc); [lra|].
      exists d. split; [exact Hd|]. exists u. split; [exact Ku|]. intros w _ N.
      specialize (Hc w N). apply Rabs_lt_between in Hc. lra.
    - destruct (K_closed t NK) as (d & Hd & Hc). exists d. split; [exact Hd|].
      destruct K_point as (u & Ku). exists u. split; [exact Ku|]. intros w Kw N. now destruct (Hc w N). }
  destruct K_bounded as (B & HB).
  assert (Pos : forall t, 0 < radius t) by (intro t; apply (radius_spec t (Beat t))).
  apply (compactness_list p (of_vec p (fun _ => - B)) (of_vec p (fun _ => B))
    (fun t => mkposreal _ (Pos (to_vec p t)))).
  intros (l & Cover).
  assert (Best : exists u, K u /\ forall t, In t l -> forall w, K w ->
    near p (radius (to_vec p t)) (to_vec p t) w -> g u < g w).
  { clear Cover. induction l as [|t l IH].
    - destruct K_point as (u & Ku). exists u. split; [exact Ku|]. intros t [].
    - destruct IH as (u & Ku & Hu). destruct (radius_spec _ (Beat (to_vec p t))) as [_ (u' & Ku' & Hu')].
      destruct (Rle_or_lt (g u) (g u')) as [Le|Lt].
      + exists u. split; [exact Ku|]. intros t' [<-|I] w Kw N;
          [apply Rle_lt_trans with (1 := Le); now apply Hu'|now apply (Hu t')].
      + exists u'. split; [exact Ku'|]. intros t' [<-|I] w Kw N; [now apply Hu'|].
        apply Rlt_trans with (1 := Lt). now apply (Hu t'). }
  destruct Best as (u & Ku & Hu).
  destruct (Cover (of_vec p u)) as (t & It & _ & Ct); [apply of_vec_bounded; now apply HB|].
  apply close_near in Ct. simpl in Ct. pose proof (Hu t It u Ku Ct). lra.
Qed.
End Weierstrass.

(** ** Norms *)
Lemma norm_scal p N : is_norm p N -> forall c v, N (fun k => c * v k) = Rabs c * N v.
Proof. exact (norm_absolute p N). Qed.
Fixpoint supn (p : nat) (v : vec) : R := match p with O => 0 | S q => Rmax (supn q v) (Rabs (v q)) end.
Lemma supn_ge p v k : (k < p)%nat -> Rabs (v k) <= supn p v.
Proof.
  induction p as [|p IH]; intro H; [lia|]. simpl. destruct (Nat.eq_dec k p) as [->|]; [apply Rmax_r|].
  apply Rle_trans with (supn p v); [apply IH; lia|apply Rmax_l].
Qed.
Lemma supn_nonneg p v : 0 <= supn p v.
Proof. induction p; simpl; [lra|]. apply Rle_trans with (1 := IHp), Rmax_l. Qed.
Lemma supn_le p v B : 0 <= B -> (forall k, (k < p)%nat -> Rabs (v k) <= B) -> supn p v <= B.
Proof. intros H0 H. induction p; simpl; [exact H0|].
apply Rmax_lub; [apply IHp; intros; apply H; lia|apply H; lia]. Qed.
Lemma supn_scale p c v : supn p (fun k => c * v k) = Rabs c * supn p v.
Proof. induction p; simpl; [ring|]. rewrite IHp, Rabs_mult, RmaxRmult by apply Rabs_pos. reflexivity. Qed.
Lemma supn_lip p d v w : 0 < d -> near p d v w -> Rabs (supn p w - supn p v) <= d.
Proof.
  intros Hd N. assert (G : forall v w, near p d v w -> supn p w <= supn p v + d).
  { clear v w N. intros v w N. apply supn_le; [pose proof (supn_nonneg p v); lra|]. intros k Hk.
    pose proof (supn_ge p v k Hk). specialize (N k Hk). pose proof (Rabs_triang (w k - v k) (v k)) as T.
    replace (w k - v k + v k) with (w k) in T by ring. lra. }
  apply Rabs_le_between. pose proof (G v w N).
  assert (near p d w v) by (intros k Hk; specialize (N k Hk); now rewrite Rabs_minus_sym).
  pose proof (G w v H0). lra.
Qed.

Section Norm.
Variables (p : nat) (N : vec -> R).
Hypothesis HN : is_norm p N.
Definition unit_vec (k : nat) : vec := fun j => if Nat.eq_dec j k then 1 else 0.
Lemma is_norm_zero v : (forall k, (k < p)%nat -> v k = 0) -> N v = 0.
Proof.
  intro H. rewrite (norm_local p N HN v (fun k => 0 * v k)) by (intros k Hk; rewrite H; [ring|exact Hk]).
  rewrite (norm_scal p N HN), Rabs_R0. ring.
Qed.
Lemma norm_opp v : N (fun k => - v k) = N v.
Proof.
  rewrite (norm_local p N HN _ (fun k => (-1) * v k)) by (intros; ring).
  rewrite (norm_scal p N HN), Rabs_left by lra. ring.
Qed.
Lemma is_norm_nonneg v : 0 <= N v.
Proof.
  pose proof (norm_triangle p N HN v (fun k => - v k)) as T. rewrite norm_opp in T.
  rewrite is_norm_zero in T by (intros; ring). lra.
Qed.
Lemma norm_upper : exists A, 0 < A /\ forall v d, 0 <= d -> (forall k, (k < p)%nat -> Rabs (v k) <= d) ->
  N v <= A * d.
Proof.
  assert (G : forall q, exists A, 0 < A /\ forall v d, 0 <= d -> (forall k, Rabs (v k) <= d) ->
             (forall k, (q <= k)%nat -> v k = 0) -> N v <= A * d).
  { induction q as [|q (A & HA & H)].
    - exists 1. split; [lra|]. intros v d Hd _ Hz. rewrite is_norm_zero by (intros; apply Hz; lia). lra.
    - exists (A + N (unit_vec q)). pose proof (is_norm_nonneg (unit_vec q)). split; [lra|].
      intros v d Hd Hv Hz.
      rewrite (norm_local p N HN v (fun k => (if Nat.eq_dec k q then 0 else v k) + v q * unit_vec q k)).
      2:{ intros k Hk. unfold unit_vec. destruct (Nat.eq_dec k q) as [->|]; ring. }
      eapply Rle_trans; [apply (norm_triangle p N HN)|]. rewrite (norm_scal p N HN).
      assert (N (fun k => if Nat.eq_dec k q then 0 else v k) <= A * d).
      { apply H; [exact Hd| |].
        - intro k. destruct (Nat.eq_dec k q); [rewrite Rabs_R0; exact Hd|apply Hv].
        - intros k Hk. destruct (Nat.eq_dec k q); [reflexivity|apply Hz; lia]. }
      pose proof (Rmult_le_compat_r _ _ _ H0 (Hv q)). lra. }
  destruct (G p) as (A & HA & H). exists A. split; [exact HA|]. intros v d Hd Hv.
  rewrite (norm_local p N HN v (fun k => if le_lt_dec p k then 0 else v k)).
  2:{ intros k Hk. destruct (le_lt_dec p k); [lia|reflexivity]. }
  apply H; [exact Hd| |]; intro k; destruct (le_lt_dec p k); try reflexivity; try lia;
   [rewrite Rabs_R0; exact Hd|now apply Hv].
Qed.
Lemma norm_continuous : continuous_on p N.
Proof.
  intros v eps He. destruct norm_upper as (A & HA & H). exists (eps / (2 * A)).
  assert (P : 0 < eps / (2 * A)) by (apply Rdiv_lt_0_compat; lra). split; [exact P|]. intros w Nw.
  assert (G : forall v w, near p (eps / (2 * A)) v w -> N w <= N v + eps / 2).
  { clear v w Nw. intros v w Nw. rewrite (norm_local p N HN w (fun k => v k + (w k - v k))) by (intros; ring).
    eapply Rle_trans; [apply (norm_triangle p N HN)|]. apply Rplus_le_compat_l.
    replace (eps / 2) with (A * (eps / (2 * A))) by (field; lra). apply (H (fun k => w k - v k)); [lra|].
    intros k Hk. left. now apply Nw. }
  assert (near p (eps / (2 * A)) w v) by (intros k Hk; rewrite Rabs_minus_sym; now apply Nw).
  pose proof (G v w Nw). pose proof (G w v H0). apply Rabs_lt_between. lra.
Qed.
(* all norms are coercive: compactness of the sphere of the maximum norm *)
Lemma norm_coercive : exists m, 0 < m /\ forall v k, (k < p)%nat -> m * Rabs (v k) <= N v.
Proof.
  destruct p as [|q] eqn:Ep; [exists 1; split; [lra|intros v k Hk; lia]|]. rewrite <- Ep in *.
  destruct (Weierstrass p (fun v => supn p v = 1) N) as (u & Ku & Hu).
  - intros v NK. exists (Rabs (supn p v - 1) / 2).
    assert (0 < Rabs (supn p v - 1)) by (apply Rabs_pos_lt; lra). split; [lra|]. intros w Nw E.
    apply supn_lip in Nw; [|lra]. rewrite E, Rabs_minus_sym in Nw. lra.
  - exists 1. intros v Hv k Hk. rewrite <- Hv. now apply supn_ge.
  - exists (unit_vec 0). apply Rle_antisym.
    + apply supn_le; [lra|]. intros k _. unfold unit_vec.
      destruct (Nat.eq_dec k 0); [rewrite Rabs_R1|rewrite Rabs_R0]; lra.
    + pose proof (supn_ge p (unit_vec 0) 0 ltac:(lia)) as Q. unfold unit_vec in Q at 1. simpl in Q.
      rewrite Rabs_R1 in Q. exact Q.
  - exact norm_continuous.
  - exists (N u). split.
    + destruct (Rle_lt_or_eq_dec _ _ (is_norm_nonneg u)) as [|E]; [assumption|]. exfalso.
      assert (supn p u <= 0); [|lra]. apply supn_le; [lra|]. intros k Hk.
      rewrite (norm_definite p N HN u (eq_sym E) k Hk), Rabs_R0. lra.
    + intros v k Hk. pose proof (supn_ge p v k Hk) as G. pose proof (supn_nonneg p v) as G0.
      destruct (Req_dec (supn p v) 0) as [Z|Z].
      * replace (Rabs (v k)) with 0 by (pose proof (Rabs_pos (v k)); lra). rewrite Rmult_0_r.
        apply is_norm_nonneg.
      * assert (P : 0 < supn p v) by lra. pose proof (Rinv_0_lt_compat _ P).
        specialize (Hu (fun j => / supn p v * v j)). rewrite supn_scale, (norm_scal p N HN) in Hu.
        rewrite Rabs_pos_eq in Hu by lra. specialize (Hu (Rinv_l _ Z)).
        apply Rle_trans with (N u * supn p v); [apply Rmult_le_compat_l; [apply is_norm_nonneg|exact G]|].
        apply Rmult_le_compat_r with (r := supn p v) in Hu; [|exact G0].
        rewrite Rmult_comm with (r1 := / supn p v), Rmult_assoc, Rinv_l in Hu by lra. lra.
Qed.
End Norm.

(** ** Continuous functions *)
Lemma cont_const p c v : continuous_at p (fun _ => c) v.
Proof. intros e He. exists 1. split; [lra|]. intros. rewrite Rminus_eq_0, Rabs_R0. exact He. Qed.
Lemma cont_plus p g k v : continuous_at p g v -> continuous_at p k v ->
  continuous_at p (fun T => g T + k T) v.
Proof.
  intros Hg Hk e He. destruct (Hg (e / 2) ltac:(lra)) as (d1 & D1 & H1).
  destruct (Hk (e / 2) ltac:(lra)) as (d2 & D2 & H2).
  exists (Rmin d1 d2). split; [now apply Rmin_glb_lt|]. intros w N.
  specialize (H1 w (near_weaken _ _ _ _ _ (Rmin_l _ _) N)).
  specialize (H2 w (near_weaken _ _ _ _ _ (Rmin_r _ _) N)).
  apply Rabs_lt_between in H1. apply Rabs_lt_between in H2. apply Rabs_lt_between. lra.
Qed.
Lemma cont_comp p (phi : R -> R) g v : continuous_at p g v -> continuity_pt phi (g v) ->
  continuous_at p (fun T => phi (g T)) v.
Proof.
  intros Hg Hp e He. destruct (Hp e He) as (d & D & H). destruct (Hg d D) as (d' & D' & H'). exists d'.
  split; [exact D'|].
  intros w N. specialize (H' w N). destruct (Req_dec (g w) (g v)) as [->|NE];
    [rewrite Rminus_eq_0, Rabs_R0; exact He|].
  apply (H (g w)). split; [split; [exact I|auto]|exact H'].
Qed.
Lemma cont_scal p c g v : continuous_at p g v -> continuous_at p (fun T => c * g T) v.
Proof. intro H. apply (cont_comp p (fun x => c * x) g v H). apply continuity_pt_scal, continuity_pt_id. Qed.
Lemma cont_minus p g k v : continuous_at p g v -> continuous_at p k v ->
  continuous_at p (fun T => g T - k T) v.
Proof.
  intros Hg Hk e He. destruct (cont_plus p g (fun T => (-1) * k T) v Hg (cont_scal p (-1) k v Hk) e He)
    as (d & D & H).
  exists d. split; [exact D|]. intros w N. specialize (H w N).
  replace (g w - k w - (g v - k v)) with (g w + -1 * k w - (g v + -1 * k v)) by ring. exact H.
Qed.
Lemma cont_ext p g k v : (forall T, g T = k T) -> continuous_at p g v -> continuous_at p k v.
Proof. intros E H e He. destruct (H e He) as (d & D & Hd). exists d. split; [exact D|]. intros w N.
rewrite <- !E. now apply Hd. Qed.
Lemma cont_Sum {A} p (I : list A) (g : vec -> A -> R) v : (forall x, In x I ->
  continuous_at p (fun T => g T x) v) -> continuous_at p (fun T => Sum I (g T)) v.
Proof.
  induction I as [|x I IH]; intro H; [exact (cont_const p 0 v)|].
  change (continuous_at p (fun T => g T x + Sum I (g T)) v).
  apply cont_plus; [apply H; now left|apply IH; intros; apply H; now right].
Qed.
Lemma cont_sum p m (g : vec -> nat -> R) v :
  (forall i, (i < m)%nat -> continuous_at p (fun T => g T i) v) -> continuous_at p (fun T => sum m (g T)) v.
Proof.
  induction m as [|m IH]; intro H; simpl; [apply cont_const|].
  apply cont_plus; [apply IH; intros; apply H; lia|apply H; lia].
Qed.
Lemma cont_Rmin p g k v : continuous_at p g v -> continuous_at p k v ->
  continuous_at p (fun T => Rmin (g T) (k T)) v.
Proof.
  intros Hg Hk. apply cont_ext with (fun T => / 2 * (g T + k T - Rabs (g T - k T))).
  - intro T. unfold Rmin. destruct (Rle_dec (g T) (k T));
      [rewrite Rabs_left1 by lra|rewrite Rabs_right by lra]; lra.
  - apply cont_scal, cont_minus; [now apply cont_plus|].
    apply (cont_comp p Rabs); [now apply cont_minus|apply Rcontinuity_abs].
Qed.
Lemma cont_Minimum {A} p (I : list A) (g : vec -> A -> R) v : (forall x, In x I ->
  continuous_at p (fun T => g T x) v) -> continuous_at p (fun T => Minimum I (g T)) v.
Proof.
  destruct I as [|x I]; intro H; [exact (cont_const p 0 v)|].
  assert (Hx : continuous_at p (fun T => g T x) v) by (apply H; now left).
  assert (HI : forall z, In z I -> continuous_at p (fun T => g T z) v) by (intros; apply H; now right).
  clear H.
  induction I as [|z I IH]; [exact Hx|].
  change (continuous_at p (fun T => Rmin (g T z) (Minimum (x :: I) (g T))) v).
  apply cont_Rmin; [apply HI; now left|]. apply IH. intros; apply HI; now right.
Qed.
Lemma exp_cont x : continuity_pt exp x.
Proof. apply derivable_continuous_pt, derivable_pt_exp. Qed.
Lemma ln_cont x : 0 < x -> continuity_pt ln x.
Proof. intro H. apply derivable_continuous_pt. exists (/ x). now apply derivable_pt_lim_ln. Qed.
Lemma pw_cont x e : 0 < e -> 0 <= x -> continuity_pt (fun t => pw t e) x.
Proof.
  intros He [Hx|<-].
  - assert (C : continuity_pt (fun t => exp (e * ln t)) x).
    { apply (continuity_pt_comp (fun t => e * ln t) exp);
        [apply continuity_pt_scal; now apply ln_cont|apply exp_cont]. }
    intros eps Heps. destruct (C eps Heps) as (d & D & H). exists (Rmin d x). split; [now apply Rmin_glb_lt|].
    intros t [Dt Ht]. simpl in *. unfold R_dist in *.
    assert (Rabs (t - x) < d) by (pose proof (Rmin_l d x); lra).
    assert (0 < t) by (pose proof (Rmin_r d x); apply Rabs_lt_between in Ht; lra).
    rewrite !pw_pos_eq by assumption. now apply (H t).
  - intros eps Heps. exists (pw eps (/ e)). split; [now apply pw_pos|]. intros t [_ Ht]. simpl in *.
    unfold R_dist in *.
    rewrite pw_0, Rminus_0_r in *. rewrite Rabs_pos_eq by apply pw_nonneg.
    destruct (Rle_or_lt t 0) as [Le|Lt]; [unfold pw; destruct (Rlt_dec 0 t); lra|].
    rewrite Rabs_pos_eq in Ht by lra. apply (pw_lt t _ e He) in Ht || apply Rlt_le_trans
      with (pw (pw eps (/ e)) e).
    + apply pw_lt; [exact He|lra].
    + rewrite pw_pw, Rinv_l, pw_e1 by lra. lra.
Qed.
Lemma cont_local p g v w : continuous_on p g -> (forall k, (k < p)%nat -> v k = w k) -> g v = g w.
Proof.
  intros C H. apply NNPP. intro NE. assert (0 < Rabs (g w - g v)) by (apply Rabs_pos_lt; lra).
  destruct (C v _ H0) as (d & D & Hd). apply (Rlt_irrefl (Rabs (g w - g v))). apply Hd.
  intros k Hk. rewrite H by exact Hk. rewrite Rminus_eq_0, Rabs_R0. exact D.
Qed.
