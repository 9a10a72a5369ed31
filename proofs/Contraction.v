(** * Contraction (step 3 of Theorem C.1) *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Sums Elementary Signs.
Import ListNotations.
Open Scope R_scope.

Section Contraction.
Variable X : Type.
Fixpoint best (F : X -> R) (t0 : X) (T : list X) : X :=
  match T with [] => t0 | x :: T' => let z := best F t0 T' in if Rle_dec (F z) (F x) then x else z end.
Lemma best_ge F t0 T x : In x (t0 :: T) -> F x <= F (best F t0 T).
Proof.
  induction T as [|z T IH]; simpl; [intros [->|[]]; lra|].
  intros [->|[->|I]]; destruct (Rle_dec _ _) as [L|L]; try lra.
  - apply Rle_trans with (2 := L). apply IH. now left.
  - apply IH. now left.
  - apply Rle_trans with (2 := L). apply IH. now right.
  - apply IH. now right.
Qed.
Lemma best_in F t0 T : In (best F t0 T) (t0 :: T).
Proof. induction T as [|z T IH]; [now left|]. cbn [best]. destruct (Rle_dec _ _); [right; now left|].
destruct IH as [<-|I]; [now left|right; now right]. Qed.
Definition top F t0 T := F (best F t0 T).

Variable g : R -> R.
Hypothesis g_mono : forall u v, u <= v -> g u <= g v.
Hypothesis g_convex : forall c u v, 0 <= c <= 1 -> g (c * u + (1 - c) * v) <= c * g u + (1 - c) * g v.

(* a convex non-decreasing g grows more on an interval that starts further right and is longer *)
Lemma growth x d x' d' : x <= x' -> 0 <= d <= d' -> g (x + d) - g x <= g (x' + d') - g x'.
Proof.
  intros Hx Hd. pose proof (g_mono (x' + d) (x' + d') ltac:(lra)) as Q.
  destruct (Req_dec (x' + d - x) 0) as [Z|Z].
  - replace d with 0 by lra. rewrite Rplus_0_r. pose proof (g_mono x' (x' + d') ltac:(lra)). lra.
  - set (D := x' + d - x) in *. assert (D0 : 0 < D) by (unfold D in *; lra).
    set (c := d / D). assert (C : 0 <= c <= 1).
    { unfold c. split; [apply Rmult_le_pos; [lra|left; now apply Rinv_0_lt_compat]|].
        apply Rmult_le_reg_r with D; [exact D0|].
      unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by exact Z. unfold D. lra. }
    pose proof (g_convex c (x' + d) x C) as A1. pose proof (g_convex (1 - c) (x' + d) x ltac:(lra)) as A2.
    replace (c * (x' + d) + (1 - c) * x) with (x + d) in A1 by (unfold c, D in *; field; lra).
    replace ((1 - c) * (x' + d) + (1 - (1 - c)) * x) with x' in A2 by (unfold c, D in *; field; lra). lra.
Qed.
(* the four cases *)
Lemma four_cases a b p q u v : Rabs u <= Rabs p -> Rabs v <= Rabs q -> Rabs (u - v) <= Rabs (p - q) ->
  b + v <= a + u -> a - u <= b - v ->
  g (a + u) + g (b - v) <= g (a + p) + g (b - q) \/ g (a + u) + g (b - v) <= g (a - p) + g (b + q).
Proof.
  assert (Pos : forall a b p q u v, 0 <= p -> 0 <= q -> Rabs u <= Rabs p -> Rabs v <= Rabs q ->
    Rabs (u - v) <= Rabs (p - q) -> b + v <= a + u -> a - u <= b - v ->
    g (a + u) + g (b - v) <= g (a + p) + g (b - q) \/ g (a + u) + g (b - v) <= g (a - p) + g (b + q)).
  { clear a b p q u v. intros a b p q u v Hp Hq Hu Hv Huv H1 H2. rewrite (Rabs_pos_eq p) in Hu
      by exact Hp. rewrite (Rabs_pos_eq q) in Hv by exact Hq.
    apply Rabs_le_between in Hu. apply Rabs_le_between in Hv. destruct (Rle_or_lt q p) as [L|L].
    - rewrite (Rabs_pos_eq (p - q)) in Huv by lra. apply Rabs_le_between in Huv. left.
      pose proof (growth (b - q) (q - v) (a + u) (p - u) ltac:(lra) ltac:(lra)) as G.
      replace (b - q + (q - v)) with (b - v) in G by ring.
      replace (a + u + (p - u)) with (a + p) in G by ring. lra.
    - rewrite (Rabs_left (p - q)) in Huv by lra. apply Rabs_le_between in Huv. right.
      pose proof (growth (a - p) (p + u) (b - v) (q + v) ltac:(lra) ltac:(lra)) as G.
      replace (a - p + (p + u)) with (a + u) in G by ring.
      replace (b - v + (q + v)) with (b + q) in G by ring. lra. }
  intros Hu Hv Huv H1 H2. destruct (Rle_or_lt 0 p) as [Hp|Hp], (Rle_or_lt 0 q) as [Hq|Hq].
  - now apply Pos.
  - left. rewrite (Rabs_pos_eq p) in Hu by lra. rewrite (Rabs_left q) in Hv by lra.
    apply Rabs_le_between in Hu. apply Rabs_le_between in Hv.
    pose proof (g_mono (a + u) (a + p) ltac:(lra)). pose proof (g_mono (b - v) (b - q) ltac:(lra)). lra.
  - right. rewrite (Rabs_left p) in Hu by lra. rewrite (Rabs_pos_eq q) in Hv by lra.
    apply Rabs_le_between in Hu. apply Rabs_le_between in Hv.
    pose proof (g_mono (a + u) (a - p) ltac:(lra)). pose proof (g_mono (b - v) (b + q) ltac:(lra)). lra.
  - destruct (Pos a b (- p) (- q) u v) as [Q|Q]; try assumption; try lra.
    + now rewrite Rabs_Ropp. + now rewrite Rabs_Ropp.
    + replace (- p - - q) with (- (p - q)) by ring. now rewrite Rabs_Ropp.
    + right. replace (a - p) with (a + - p) by ring. replace (b + q) with (b - - q) by ring. exact Q.
    + left. replace (a + p) with (a - - p) by ring. replace (b - q) with (b + - q) by ring. exact Q.
Qed.
Definition contraction_map (phi : R -> R) := phi 0 = 0 /\ forall u v, Rabs (phi u - phi v) <= Rabs (u - v).
Lemma one_step (A c : X -> R) phi t0 T : contraction_map phi ->
  g (top (fun t => A t + phi (c t)) t0 T) + g (top (fun t => A t - phi (c t)) t0 T)
    <= g (top (fun t => A t + c t) t0 T) + g (top (fun t => A t - c t) t0 T).
Proof.
  intros [P0 Lip]. unfold top.
  set (t := best (fun t => A t + phi (c t)) t0 T). set (s := best (fun t => A t - phi (c t)) t0 T).
  pose proof (best_ge (fun t => A t + phi (c t)) t0 T s (best_in _ _ _)) as M1.
  pose proof (best_ge (fun t => A t - phi (c t)) t0 T t (best_in _ _ _)) as M2.
  fold t in M1. fold s in M2. cbv beta in M1, M2.
  assert (Z : forall u, Rabs (phi u) <= Rabs u) by (intro u; pose proof (Lip u 0) as Q;
    now rewrite P0, !Rminus_0_r in Q).
  pose proof (g_mono _ _ (best_ge (fun t => A t + c t) t0 T t (best_in _ _ _))).
  pose proof (g_mono _ _ (best_ge (fun t => A t + c t) t0 T s (best_in _ _ _))).
  pose proof (g_mono _ _ (best_ge (fun t => A t - c t) t0 T t (best_in _ _ _))).
  pose proof (g_mono _ _ (best_ge (fun t => A t - c t) t0 T s (best_in _ _ _))).
  cbv beta in *.
  destruct (four_cases (A t) (A s) (c t) (c s) (phi (c t)) (phi (c s)) (Z _) (Z _) (Lip _ _) M1 M2)
    as [Q|Q]; lra.
Qed.
Lemma top_ext F G t0 T : (forall t, F t = G t) -> top F t0 T = top G t0 T.
Proof.
  intro H. unfold top. replace (best G t0 T) with (best F t0 T); [apply H|].
  induction T as [|x T IH]; simpl; [reflexivity|]. rewrite IH, !H. reflexivity.
Qed.
(** Contraction for a finite class *)
Theorem contraction_finite t0 T n : forall (A : X -> R) (c : nat -> X -> R) (phi : nat -> R ->
  R), (forall i, contraction_map (phi i)) ->
  E n (fun e => g (top (fun t => A t + signed_sum e (fun i => phi i (c i t))) t0 T))
    <= E n (fun e => g (top (fun t => A t + signed_sum e (fun i => c i t)) t0 T)).
Proof.
  induction n as [|n IH]; intros A c phi Hphi; [simpl; lra|]. cbn [E signed_sum].
  set (Ap := fun t => A t + 1 * phi O (c O t)). set (Am := fun t => A t + - (1) * phi O (c O t)).
  pose proof (IH Ap (fun i => c (S i)) (fun i => phi (S i)) (fun i => Hphi (S i))) as Hp.
  pose proof (IH Am (fun i => c (S i)) (fun i => phi (S i)) (fun i => Hphi (S i))) as Hm.
  assert (St : E n (fun e => g (top (fun t => Ap t + signed_sum e (fun i => c (S i) t)) t0 T))
    + E n (fun e => g (top (fun t => Am t + signed_sum e (fun i => c (S i) t)) t0 T))
    <= E n (fun e => g (top (fun t => A t + (1 * c O t + signed_sum e (fun i => c (S i) t))) t0 T))
      + E n (fun e => g (top (fun t => A t + (- (1) * c O t + signed_sum e (fun i => c (S i) t))) t0 T))).
  { rewrite <- !E_plus. apply E_le. intros e _. pose proof (one_step (fun t => A t
      + signed_sum e (fun i => c (S i) t)) (c O) (phi O) t0 T (Hphi O)) as Q.
    rewrite (top_ext (fun t => Ap t + signed_sum e (fun i => c (S i) t)) (fun t => A t
      + signed_sum e (fun i => c (S i) t) + phi O (c O t))) by (intro; unfold Ap; ring).
    rewrite (top_ext (fun t => Am t + signed_sum e (fun i => c (S i) t)) (fun t => A t
      + signed_sum e (fun i => c (S i) t) - phi O (c O t))) by (intro; unfold Am; ring).
    rewrite (top_ext (fun t => A t + (1 * c O t + signed_sum e (fun i => c (S i) t))) (fun t => A t
      + signed_sum e (fun i => c (S i) t) + c O t)) by (intro; ring).
    rewrite (top_ext (fun t => A t + (- (1) * c O t + signed_sum e (fun i => c (S i) t))) (fun t => A t
      + signed_sum e (fun i => c (S i) t) - c O t)) by (intro; ring). exact Q. }
  assert (E1 : E n (fun e => g (top (fun t => A t + (1 * phi O (c O t)
    + signed_sum e (fun i => phi (S i) (c (S i) t)))) t0 T))
    = E n (fun e => g (top (fun t => Ap t + signed_sum e (fun i => phi (S i) (c (S i) t))) t0 T))).
  { apply E_ext. intros e _. f_equal. apply top_ext. intro t. unfold Ap. ring. }
  assert (E2 : E n (fun e => g (top (fun t => A t + (- (1) * phi O (c O t)
    + signed_sum e (fun i => phi (S i) (c (S i) t)))) t0 T))
    = E n (fun e => g (top (fun t => Am t + signed_sum e (fun i => phi (S i) (c (S i) t))) t0 T))).
  { apply E_ext. intros e _. f_equal. apply top_ext. intro t. unfold Am. ring. }
  rewrite E1, E2. lra.
Qed.
(** Contraction for any class: whatever element t_e is chosen for each sign vector e on the left,
  some choice u_e on the right does better.
    (E sup F <= E sup G for the suprema over the class.) *)
Theorem contraction n (c : nat -> X -> R) (phi : nat -> R -> R) (t : list R ->
  X) : (forall i, contraction_map (phi i)) ->
  exists u, (forall P : X -> Prop, (forall e, P (t e)) -> forall e, P (u e)) /\
  E n (fun e => g (signed_sum e (fun i => phi i (c i (t e)))))
    <= E n (fun e => g (signed_sum e (fun i => c i (u e)))).
Proof.
  intro Hphi. set (T := map t (signs n)). set (t0 := t []).
  exists (fun e => best (fun x => 0 + signed_sum e (fun i => c i x)) t0 T). split.
  - intros P H e. pose proof (best_in (fun x => 0 + signed_sum e (fun i => c i x)) t0 T) as I.
    destruct I as [EQ|I]; [rewrite <- EQ; apply H|].
    unfold T at 2 in I. apply in_map_iff in I as (e' & EQ & _). rewrite <- EQ. apply H.
  - apply Rle_trans with (E n (fun e => g (top (fun x => 0 + signed_sum e (fun i => phi i (c i x))) t0 T))).
    + apply E_le. intros e I. apply g_mono. unfold top.
      apply Rle_trans with (0 + signed_sum e (fun i => phi i (c i (t e)))); [lra|].
      apply (best_ge (fun x => 0 + signed_sum e (fun i => phi i (c i x))) t0 T (t e)). right.
      now apply in_map.
    + apply Rle_trans with (1 := contraction_finite t0 T n (fun _ => 0) c phi Hphi). apply E_le.
      intros e _. unfold top. rewrite Rplus_0_l. lra.
Qed.
End Contraction.
