(** * The Rademacher complexity of a class: contraction and symmetrisation (steps 3 and 6 of Theorem C.1) *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Suprema FiniteLaws Concentration
  Signs Contraction.
Import ListNotations.
Open Scope R_scope.

Lemma sum_minus n g h : sum n (fun i => g i - h i) = sum n g - sum n h.
Proof. induction n as [|n IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma sum_put {A} n (h : A -> R) z s i : (i < n)%nat ->
  sum n (fun j => h (put s i z j)) = sum n (fun j => h (s j)) + (h z - h (s i)).
Proof.
  intro Hi. assert (G : forall m, sum m (fun j => h (put s i z j)) =
    sum m (fun j => h (s j)) + (if lt_dec i m then h z - h (s i) else 0)).
  { induction m as [|m IH]; [simpl; ring|]. cbn [sum]. rewrite IH. unfold put at 1.
    destruct (Nat.eq_dec m i) as [->|N]; repeat destruct (lt_dec _ _); try lia; ring. }
  rewrite G. destruct (lt_dec i n); [reflexivity|contradiction].
Qed.
Lemma signed_sum_put {A} n (h : A -> R) z B : (forall z', Rabs (h z - h z') <= B) ->
  forall e s i, In e (signs n) -> (i < n)%nat ->
  Rabs (signed_sum e (fun j => h (put s i z j)) - signed_sum e (fun j => h (s j))) <= B.
Proof.
  intro HB. induction n as [|n IH]; intros e s i I Hi; [lia|].
  apply in_signs_S in I as (t & e' & Ht & -> & I). cbn [signed_sum]. destruct i as [|i].
  - rewrite (signed_sum_ext e' (fun j => h (put s 0 z (S j))) (fun j => h (s (S j))))
      by (intros; reflexivity). unfold put. simpl.
    replace (t * h z + signed_sum e' (fun j => h (s (S j))) - (t * h (s 0%nat)
      + signed_sum e' (fun j => h (s (S j))))) with (t * (h z - h (s 0%nat))) by ring. rewrite Rabs_mult.
    assert (Rabs t = 1) as -> by (destruct Ht as [-> | ->];
      [apply Rabs_R1|rewrite Rabs_Ropp; apply Rabs_R1]). rewrite Rmult_1_l. apply HB.
  - rewrite (signed_sum_ext e' (fun j => h (put s (S i) z (S j)))
      (fun j => h (put (fun k => s (S k)) i z j))).
    + unfold put at 1. simpl. pose proof (IH e' (fun k => s (S k)) i I ltac:(lia)) as Q.
      match goal with |- Rabs ?u <= _ => match type of Q with Rabs ?v <= _ => replace u with v by ring;
        exact Q end end.
    + intro j. unfold put. destruct (Nat.eq_dec (S j) (S i)), (Nat.eq_dec j i); try reflexivity; lia.
Qed.
Lemma E_expect {A} n (P : law A) : forall F : list R -> A ->
  R, E n (fun e => expect P (F e)) = expect P (fun z => E n (fun e => F e z)).
Proof.
  induction n as [|n IH]; intro F; cbn [E]; [reflexivity|].
  rewrite (IH (fun e => F (1 :: e))), (IH (fun e => F (- (1) :: e))). unfold Rdiv.
  rewrite Rmult_comm, <- expect_plus, <- expect_scal. apply expect_ext. intro. ring.
Qed.
Section Complexity.
Context {X : Type}.
Variables (n : nat) (A : X -> Prop).
Hypothesis n_pos : (1 <= n)%nat.
Hypothesis nonempty : exists x, A x.
Lemma n_R : 0 < INR n. Proof. apply lt_0_INR. lia. Qed.
Lemma values_bound (c : X -> nat -> R) B e f : (forall f i, A f -> (i < n)%nat -> Rabs (c f i) <= B) ->
  In e (signs n) -> A f -> signed_sum e (c f) <= INR n * B.
Proof. intros HB I Hf. apply Rle_trans with (1 := Rle_abs _). apply (signed_sum_bound n); [exact I|].
intros. now apply HB. Qed.
Lemma mean_signs (m : nat) v : E m (fun e => signed_sum e v) = 0.
Proof. pose proof (E_opp m (fun e => signed_sum e v)) as Q. cbv beta in Q.
rewrite (E_ext m (fun e => signed_sum (map Ropp e) v) (fun e => -1 * signed_sum e v)), E_scal in Q; [lra|].
intros e _. rewrite signed_sum_opp. ring. Qed.
Lemma complexity_nonneg c B : (forall f i, A f -> (i < n)%nat -> Rabs (c f i) <= B) -> 0 <= complexity n A c.
Proof.
  intro HB. destruct nonempty as (f & Hf). unfold complexity.
  apply Rmult_le_pos; [left; apply Rinv_0_lt_compat, n_R|]. rewrite <- (mean_signs n (c f)).
  apply E_le. intros e I. apply (sup_ge A (fun f => signed_sum e (c f)) (INR n * B)); [|exact Hf].
  intros g Hg. now apply values_bound.
Qed.
(* a choice for each sign vector that nearly attains the supremum *)
Lemma near_choice (v : list R -> X -> R) eta : 0 < eta ->
  (forall e, In e (signs n) -> exists B, forall f, A f -> v e f <= B) ->
  exists t, (forall e, A (t e)) /\ E n (fun e => sup A (v e)) <= E n (fun e => v e (t e)) + eta.
Proof.
  intros He HB. destruct nonempty as (f0 & Hf0).
  destruct (finite_choice (list_eq_dec Req_EM_T) f0 (signs n) (fun e f => A f /\
    sup A (v e) <= v e f + eta)) as (t & Ht).
  { intros e I. destruct (HB e I) as (B & HBe). apply NNPP. intro No. assert (sup A (v e)
      <= sup A (v e) - eta); [|lra]. apply sup_least; [exact nonempty|].
    intros f Hf. apply Rnot_lt_le. intro Lt. apply No. exists f. split; [exact Hf|lra]. }
  exists (fun e => if in_dec (list_eq_dec Req_EM_T) e (signs n) then t e else f0). split.
  - intro e. destruct (in_dec _ e (signs n)) as [I|]; [now apply Ht|exact Hf0].
  - set (t' := fun e => if in_dec (list_eq_dec Req_EM_T) e (signs n) then t e else f0).
    apply Rle_trans with (E n (fun e => v e (t' e) + eta)); [|right; rewrite E_plus, E_const; reflexivity].
    apply E_le. intros e I. unfold t'. destruct (in_dec _ e (signs n)) as [_|N]; [now apply Ht|contradiction].
Qed.
(** Step 3 of Theorem C.1: contraction of the supremum *)
Theorem contraction_sup (c : X -> nat -> R) (phi : nat -> R -> R) B : (forall f i, A f -> (i < n)%nat ->
  Rabs (c f i) <= B) -> (forall i, contraction_map (phi i)) ->
  complexity n A (fun f i => phi i (c f i)) <= complexity n A c.
Proof.
  intros HB Hphi. apply Rmult_le_compat_l; [left; apply Rinv_0_lt_compat, n_R|]. apply Rle_eps. intros eta He.
  destruct (near_choice (fun e f => signed_sum e (fun i => phi i (c f i))) eta He) as (t & At & Ht).
  { intros e I. exists (INR n * B). intros f Hf. apply (values_bound (fun f i => phi i (c f i)) B);
      [|exact I|exact Hf]. intros g i Hg Hi. destruct (Hphi i) as [P0 Lip].
    pose proof (Lip (c g i) 0) as Q. rewrite P0, !Rminus_0_r in Q. apply Rle_trans with (1 := Q).
    now apply HB. }
  apply Rle_trans with (1 := Ht). apply Rplus_le_compat_r.
  destruct (contraction X (fun u => u) ltac:(intros; lra) ltac:(intros;
    lra) n (fun i f => c f i) phi t Hphi) as (u & PU & Q).
  apply Rle_trans with (1 := Q). apply E_le. intros e I.
  apply (sup_ge A (fun f => signed_sum e (c f)) (INR n * B)); [intros; now apply values_bound|apply PU, At].
Qed.
(* a bound for all choices is a bound for the complexity *)
Lemma complexity_le (c : X -> nat -> R) B R0 : (forall f i, A f -> (i < n)%nat -> Rabs (c f i) <= B) ->
  (forall t, (forall e, A (t e)) -> E n (fun e => signed_sum e (c (t e))) <= R0) ->
    complexity n A c <= / INR n * R0.
Proof.
  intros HB H. apply Rmult_le_compat_l; [left; apply Rinv_0_lt_compat, n_R|]. apply Rle_eps. intros eta He.
  destruct (near_choice (fun e f => signed_sum e (c f)) eta He) as (t & At & Ht);
    [intros e I; exists (INR n * B); intros; now apply values_bound|].
  apply Rle_trans with (1 := Ht). specialize (H t At). lra.
Qed.

(** * Symmetrisation (step 6) *)
Section Symmetrisation.
Context {Z : Type}.
Variables (filler : Z) (D : law Z).
Hypothesis D_law : is_law D.
Variable G : X -> Z -> R.
Hypothesis G_range : forall f z, 0 <= G f z <= 1.
Notation mean F := (expect (sample filler n D) F).
Lemma swap_examples m : forall a : X -> R,
  expect (sample filler m D) (fun s => expect (sample filler m D) (fun s' => sup A (fun f => a f
    + sum m (fun i => G f (s' i) - G f (s i)))))
  = E m (fun e => expect (sample filler m D) (fun s => expect (sample filler m D)
    (fun s' => sup A (fun f => a f + signed_sum e (fun i => G f (s' i) - G f (s i)))))).
Proof.
  induction m as [|m IH]; intro a; [reflexivity|]. cbn [E].
  set (J := fun b : X ->
    R => expect (sample filler m D) (fun s => expect (sample filler m D) (fun s' => sup A (fun f => b f
    + sum m (fun i => G f (s' i) - G f (s i)))))).
  set (J' := fun (b : X ->
    R) e => expect (sample filler m D) (fun s => expect (sample filler m D) (fun s' => sup A (fun f => b f
    + signed_sum e (fun i => G f (s' i) - G f (s i)))))).
  assert (IH' : forall b, E m (J' b) = J b) by (intro b; symmetry; apply IH).
  set (M := expect D (fun z => expect D (fun z' => J (fun f => a f + (G f z' - G f z))))).
  assert (Left : expect (sample filler (S m) D) (fun s => expect (sample filler (S m) D)
    (fun s' => sup A (fun f => a f + sum (S m) (fun i => G f (s' i) - G f (s i))))) = M).
  { unfold sample at 1. rewrite expect_product. fold (sample filler m D). apply expect_ext. intro z.
    rewrite (expect_ext _ _ (fun s => expect D (fun z' => expect (sample filler m D)
      (fun s' => sup A (fun f => a f + (G f z' - G f z) + sum m (fun i => G f (s' i) - G f (s i))))))).
    - rewrite expect_swap. reflexivity.
    - intro s. unfold sample at 1. rewrite expect_product. fold (sample filler m D). apply expect_ext.
      intro z'. apply expect_ext. intro s'. apply sup_ext. intro f. rewrite sum_first. cbn [glue]. ring. }
  assert (Right : forall t e,
    expect (sample filler (S m) D) (fun s => expect (sample filler (S m) D) (fun s' => sup A (fun f => a f
    + signed_sum (t :: e) (fun i => G f (s' i) - G f (s i)))))
    = expect D (fun z => expect D (fun z' => J' (fun f => a f + t * (G f z' - G f z)) e))).
  { intros t e. unfold sample at 1. rewrite expect_product. fold (sample filler m D). apply expect_ext.
      intro z.
    rewrite (expect_ext _ _ (fun s => expect D (fun z' => expect (sample filler m D)
      (fun s' => sup A (fun f => a f + t * (G f z' - G f z)
      + signed_sum e (fun i => G f (s' i) - G f (s i))))))).
    - rewrite expect_swap. reflexivity.
    - intro s. unfold sample at 1. rewrite expect_product. fold (sample filler m D). apply expect_ext.
      intro z'. apply expect_ext. intro s'. apply sup_ext. intro f. cbn [signed_sum glue]. ring. }
  rewrite Left. rewrite (E_ext m _ (fun e => expect D (fun z => expect D (fun z' => J' (fun f => a f + 1
    * (G f z' - G f z)) e)))) by (intros; apply Right).
  rewrite (E_ext m (fun e => expect (sample filler (S m) D) _)
    (fun e => expect D (fun z => expect D (fun z' => J' (fun f => a f + - (1) * (G f z' - G f z)) e))))
    by (intros; apply Right).
  rewrite !E_expect.
  assert (Q1 : expect D (fun z => E m (fun e => expect D (fun z' => J' (fun f => a f + 1
    * (G f z' - G f z)) e))) = M).
  { unfold M. apply expect_ext. intro z. rewrite E_expect. apply expect_ext. intro z'. change
      (E m (J' (fun f => a f + 1 * (G f z' - G f z))) = J (fun f => a f + (G f z' - G f z))).
    rewrite IH'. unfold J. apply expect_ext. intro s. apply expect_ext. intro s'. apply sup_ext. intro f.
    ring. }
  assert (Q2 : expect D (fun z => E m (fun e => expect D (fun z' => J' (fun f => a f + - (1)
    * (G f z' - G f z)) e))) = M).
  { unfold M. rewrite expect_swap. rewrite (expect_ext _ _
      (fun z => expect D (fun z' => E m (J' (fun f => a f + - (1) * (G f z' - G f z))))))
      by (intro; apply E_expect).
    rewrite expect_swap. rewrite expect_swap. apply expect_ext. intro z. apply expect_ext. intro z'.
    rewrite IH'.
    unfold J. apply expect_ext. intro s. apply expect_ext. intro s'. apply sup_ext. intro f. ring. }
  rewrite Q1, Q2. field.
Qed.
Theorem symmetrisation :
  mean (fun s => sup A (fun f => expect D (G f) - / INR n * sum n (fun i => G f (s i)))) <= 2
    * mean (fun s => complexity n A (fun f i => G f (s i))).
Proof.
  pose proof n_R as Hn. pose proof (sample_law filler n D D_law) as LS.
  assert (B1 : forall e s f, In e (signs n) -> A f -> signed_sum e (fun i => G f (s i)) <= INR n * 1).
  { intros e s f I Hf. apply (values_bound (fun f i => G f (s i)) 1); [|exact I|exact Hf].
      intros g i _ _. pose proof (G_range g (s i)). apply Rabs_le_between. lra. }
  assert (B2 : forall e s f, In e (signs n) -> A f -> signed_sum e (fun i => - G f (s i)) <= INR n * 1).
  { intros e s f I Hf. apply (values_bound (fun f i => - G f (s i)) 1); [|exact I|exact Hf].
      intros g i _ _. pose proof (G_range g (s i)). apply Rabs_le_between. lra. }
  apply Rle_trans with (/ INR n * mean (fun s => mean (fun s' => sup A (fun f => 0
    + sum n (fun i => G f (s' i) - G f (s i)))))).
  - rewrite <- expect_scal. apply expect_le; [exact LS|]. intros s _. apply sup_least; [exact nonempty|].
    intros f Hf.
    replace (expect D (G f) - / INR n * sum n (fun i => G f (s i)))
      with (/ INR n * mean (fun s' => sum n (fun i => G f (s' i) - G f (s i)))).
    + apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|]. apply expect_le; [exact LS|]. intros s' _.
      apply Rle_trans with (0 + sum n (fun i => G f (s' i) - G f (s i))); [lra|].
      apply (sup_ge A (fun f => 0 + sum n (fun i => G f (s' i) - G f (s i))) (INR n * 1)); [|exact Hf].
      intros g _. rewrite Rplus_0_l, <- sum_const. apply sum_le. intros i _.
      pose proof (G_range g (s' i)). pose proof (G_range g (s i)). lra.
    + rewrite (expect_ext _ _ (fun s' => sum n (fun i => G f (s' i)) + - sum n (fun i => G f (s i))))
        by (intro; rewrite sum_minus; ring).
      rewrite expect_plus, (expect_sum filler n D (G f) D_law), expect_const by exact LS. field. lra.
  - rewrite swap_examples. unfold complexity. rewrite expect_scal, <- Rmult_assoc, (Rmult_comm 2),
      Rmult_assoc. apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|].
    rewrite <- E_expect. apply Rle_trans
      with (E n (fun e => mean (fun s => sup A (fun f => signed_sum e (fun i => G f (s i))))
      + mean (fun s => sup A (fun f => signed_sum (map Ropp e) (fun i => G f (s i)))))).
    + apply E_le. intros e I. rewrite (expect_ext (sample filler n D)
        (fun s => sup A (fun f => signed_sum (map Ropp e) (fun i => G f (s i))))
        (fun s => sup A (fun f => signed_sum e (fun i => - G f (s i))))).
      2:{ intro s. apply sup_ext. intro f. rewrite signed_sum_opp. rewrite
            (signed_sum_ext e (fun i => - G f (s i)) (fun i => -1 * G f (s i))) by (intro; ring).
          rewrite signed_sum_scal. ring. }
      apply Rle_trans
        with (mean (fun s => mean (fun s' => sup A (fun f => signed_sum e (fun i => G f (s' i)))
        + sup A (fun f => signed_sum e (fun i => - G f (s i)))))).
      * apply expect_le; [exact LS|]. intros s _. apply expect_le; [exact LS|]. intros s' _.
        apply sup_least; [exact nonempty|]. intros f Hf.
        rewrite (signed_sum_ext e _ (fun i => G f (s' i) + - G f (s i))) by (intro; ring).
        rewrite signed_sum_plus.
        pose proof (sup_ge A (fun f => signed_sum e (fun i => G f (s' i))) (INR n * 1) f ltac:(intros;
          now apply B1) Hf).
        pose proof (sup_ge A (fun f => signed_sum e (fun i => - G f (s i))) (INR n * 1) f ltac:(intros;
          now apply B2) Hf). cbv beta in *. lra.
      * right. rewrite (expect_ext _ _ (fun s => mean
          (fun s' => sup A (fun f => signed_sum e (fun i => G f (s' i))))
          + sup A (fun f => signed_sum e (fun i => - G f (s i))))).
        -- rewrite expect_plus, expect_const by exact LS. reflexivity.
        -- intro s. rewrite expect_plus, expect_const by exact LS. reflexivity.
    + rewrite E_plus,
        (E_opp n (fun e => mean (fun s => sup A (fun f => signed_sum e (fun i => G f (s i)))))). lra.
Qed.
End Symmetrisation.
End Complexity.
