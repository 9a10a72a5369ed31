(** * Theorem 2.1-L at one λ: the weights of the logistic loss are nearly optimal *)
From Coq Require Import Reals Lra Lia List Psatz Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary Vectors Suprema FiniteLaws
  Concentration Entropy.
Import ListNotations.
Open Scope R_scope.

Section RateConstant.
Context {B : Binary.model}.
Import Binary.
Definition mg (Θ : vec) (i : nat) : R := y i * f Θ i.
Hypothesis Z_convex : Z_is_convex.
Variable γ : R.
Hypothesis Hm : max_margin γ.
Definition weight (q : vec) : Prop := (forall i, (i < n)%nat -> 0 <= q i) /\ sum n q = 1.
Definition H (q : vec) : R := - sum n (fun i => phi (q i)).
(* v = max over Z of q.z *)
Definition is_h (q : vec) (v : R) : Prop := (exists Θ, norm Θ <= 1 /\ dot n q (mg Θ) = v) /\
  forall Θ, norm Θ <= 1 -> dot n q (mg Θ) <= v.
Definition p_star (q : vec) : Prop := weight q /\ is_h q γ /\ forall q', weight q' -> is_h q' γ ->
  H q' <= H q.
Definition max_entry (q : vec) : R := Maximum (seq 0 n) q.

Lemma nR : 0 < INR n. Proof. apply lt_0_INR. pose proof n_pos. lia. Qed.
Lemma mg_margin Θ i : (i < n)%nat -> margin Θ <= mg Θ i.
Proof. intro Hi. apply (Minimum_le ((seq 0 n)) (fun i => y i * f Θ i)). apply in_seq. lia. Qed.
Lemma best_T : exists Θ, norm Θ <= 1 /\ forall i, (i < n)%nat -> γ <= mg Θ i.
Proof. destruct Hm as [(Θ & HT & E) _]. exists Θ. split; [exact HT|]. intros i Hi. rewrite <- E.
now apply mg_margin. Qed.
Lemma dot_ge q (z : nat -> R) v : weight q -> (forall i, (i < n)%nat -> v <= z i) -> v <= dot n q z.
Proof.
  intros [Q1 Q2] Hz. rewrite <- (Rmult_1_r v), <- Q2, <- sum_scal. apply sum_le. intros i Hi.
  rewrite Rmult_comm. apply Rmult_le_compat_l; [now apply Q1|now apply Hz].
Qed.
Lemma optimal_is_h q : weight q -> (forall Θ, norm Θ <= 1 -> dot n q (mg Θ) <= γ) -> is_h q γ.
Proof.
  intros W Hq. split; [|exact Hq]. destruct best_T as (Θ & HT & Hg). exists Θ. split; [exact HT|].
  apply Rle_antisym; [now apply Hq|now apply dot_ge].
Qed.
(* Gibbs *)
Lemma Gibbs q (pi : nat -> R) : weight q -> (forall i, (i < n)%nat -> 0 < pi i) -> sum n pi = 1 ->
  H q <= - sum n (fun i => q i * ln (pi i)).
Proof.
  intros [Q1 Q2] P1 P2. assert (0 <= sum n (fun i => q i * (ln (q i) - ln (pi i)))).
  { apply Rle_trans with (sum n (fun i => q i + -1 * pi i)); [rewrite sum_plus, sum_scal, Q2, P2; lra|].
      apply sum_le. intros i Hi. pose proof (Gibbs_term (q i) (pi i) (Q1 i Hi) (P1 i Hi)). lra. }
  assert (E : sum n (fun i => q i * (ln (q i) - ln (pi i))) = sum n (fun i => phi (q i)) + -1
    * sum n (fun i => q i * ln (pi i))).
  { rewrite <- sum_scal, <- sum_plus. apply sum_ext. intros. unfold phi. ring. }
  unfold H. lra.
Qed.
Lemma H_le_ln_n q : weight q -> H q <= ln (INR n).
Proof.
  intro W. pose proof nR
    as Hn. pose proof (Gibbs q (fun _ => / INR n) W (fun _ _ => Rinv_0_lt_compat _ Hn)
    ltac:(rewrite sum_const; field; lra)) as Q.
  rewrite (sum_ext n _ (fun i => - ln (INR n) * q i)) in Q by (intros; rewrite ln_Rinv by exact Hn; ring).
  rewrite sum_scal, (proj2 W) in Q. lra.
Qed.

(** * The minimiser and its weights (steps 3 to 5) *)
Section AtLambda.
Variables (λ : R) (Θ : vec).
Hypothesis lam_pos : 0 < λ.
Hypothesis Min : minimiser  λ Θ.
Hypothesis T_pos : 0 < norm Θ.
Let s := pw (norm Θ) a.
Let gam := normalised_margin  Θ.
Hypothesis gam_pos : 0 < gam.
Let z := mg (/ norm Θ · Θ).
Let eta := exp (- (s * gam)).
Let E := ln (sum n (fun i => exp (- (s * z i)))).
Let pi i := exp (- (s * z i) - E).
Let w i := exp (- (s * z i)) / (1 + exp (- (s * z i))).
Let om i := w i / sum n w.
Lemma s_pos : 0 < s. Proof. now apply pw_pos. Qed.
Lemma z_ge i : (i < n)%nat -> gam <= z i. Proof. intro Hi. now apply mg_margin. Qed.
Lemma exp_z_le i : (i < n)%nat -> exp (- (s * z i)) <= eta.
Proof. intro Hi. apply exp_mono. pose proof (z_ge i Hi). pose proof s_pos. nra. Qed.
Lemma w_pos i : 0 < w i. Proof. unfold w. pose proof (exp_pos (- (s * z i))). apply Rdiv_lt_0_compat; lra.
Qed.
Lemma sum_pos (u : nat -> R) : (forall i, 0 < u i) -> 0 < sum n u.
Proof. intro Hu. apply Rlt_le_trans with (u O); [apply Hu|]. apply sum_term; [pose proof n_pos; lia|].
intros. left. apply Hu. Qed.
Lemma om_weight : weight om.
Proof.
  pose proof (sum_pos w w_pos) as P. split; [intros i _; left; apply Rdiv_lt_0_compat;
    [apply w_pos|exact P]|].
  unfold om. rewrite (sum_ext n _ (fun i => / sum n w * w i)) by (intros; unfold Rdiv; ring).
  rewrite sum_scal. field. lra.
Qed.
Lemma pi_weight : sum n pi = 1.
Proof.
  pose proof (sum_pos (fun i => exp (- (s * z i))) (fun i => exp_pos _)) as P. unfold pi.
  rewrite (sum_ext n _ (fun i => exp (- E) * exp (- (s * z i))))
    by (intros; rewrite <- exp_plus; f_equal; ring). rewrite sum_scal.
  unfold E. rewrite exp_Ropp, exp_ln by exact P. field. lra.
Qed.
(* first-order condition *)
Lemma loss_at Θ' : norm Θ' <= 1 -> sum n (fun i => ln (1 + exp (- (s * z i))))
  <= sum n (fun i => ln (1 + exp (- (s * mg Θ' i)))).
Proof.
  intro HT'. pose proof nR as Hn. pose proof r_pos as Hr.
  pose proof (is_norm_nonneg p norm norm_is_norm) as N0. pose proof f_homogeneous as Hh.
  assert (Sc : forall V i, (i < n)%nat -> y i * f (norm Θ · V) i = s * mg V i)
    by (intros V i Hi; rewrite Hh by assumption; unfold mg, s; ring).
  assert (Bk : forall i, (i < n)%nat -> y i * f Θ i = s * z i).
  { intros i Hi. change (s * z i)
      with (s * mg (/ norm Θ · Θ) i). rewrite <- (Sc (/ norm Θ · Θ) i Hi). f_equal. f_equal. unfold scaled.
    apply functional_extensionality. intro k. field. lra. }
  pose proof (Min (norm Θ · Θ')) as Q. unfold loss in Q.
  assert (Nm : pw (norm (norm Θ · Θ')) r <= pw (norm Θ) r).
  { apply pw_le; [lra|]. rewrite (norm_absolute p norm norm_is_norm), Rabs_pos_eq
      by lra. pose proof (N0 Θ'). nra. }
  apply Rmult_le_compat_l with (r := λ) in Nm; [|lra].
  apply Rmult_le_reg_l with (/ n); [now apply Rinv_0_lt_compat|].
  rewrite (sum_ext n (fun i => ln (1 + exp (- (s * z i)))) (fun i => ln (1 + exp (- (y i * f Θ i)))))
    by (intros i Hi; now rewrite Bk).
  rewrite (sum_ext n (fun i => ln (1 + exp (- (s * mg Θ' i)))) (fun i => ln (1
    + exp (- (y i * f (norm Θ · Θ') i)))))
    by (intros i Hi; now rewrite Sc).
  lra.
Qed.
Lemma logistic_step u t : ln (1 + exp (- (u + t))) <= ln (1 + exp (- u)) - exp (- u) / (1 + exp (- u)) * t
  + t ^ 2 / 8.
Proof.
  pose proof (exp_pos (- u)) as P. set (q := exp (- u) / (1 + exp (- u))).
  assert (Hq : 0 <= q <= 1).
  { unfold q. split; [left; apply Rdiv_lt_0_compat; lra|].
      apply Rmult_le_reg_r with (1 + exp (- u)); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    lra. }
  pose proof (coin q (- t) Hq) as C. assert (Pos : 0 < 1 - q + q * exp (- t))
    by (pose proof (exp_pos (- t)); destruct (Req_dec q 1) as [->|]; nra).
  assert (Id : 1 + exp (- (u + t)) = (1 + exp (- u)) * (1 - q + q * exp (- t))).
  { replace (- (u + t)) with (- u + - t) by ring. rewrite exp_plus. unfold q. field. lra. }
  rewrite Id, ln_mult by lra. assert (C' : ln (1 - q + q * exp (- t))
    <= ln (exp (q * - t + (- t) ^ 2 / 8))) by (destruct C as [C|C];
    [left; now apply ln_increasing|rewrite C; lra]).
  rewrite ln_exp in C'. replace ((- t) ^ 2) with (t ^ 2) in C' by ring. lra.
Qed.
Lemma first_order Θ' : norm Θ' <= 1 -> dot n w (mg Θ') <= dot n w z.
Proof.
  intro HT'. pose proof s_pos as Sp. set (dd := fun i => mg Θ' i - z i). set (Q := sq n dd).
  pose proof (sq_nonneg n dd) as Q0. fold Q in Q0.
  assert (HN1 : norm (/ norm Θ · Θ) <= 1).
  { rewrite (norm_absolute p norm norm_is_norm), Rabs_pos_eq
      by (left; now apply Rinv_0_lt_compat). right. field. lra. }
  assert (Step : forall c, 0 < c <= 1 -> dot n w dd <= c * (s * Q / 8)).
  { intros c Hc. destruct (Z_convex (/ norm Θ · Θ) Θ' c HN1 HT' ltac:(lra))
      as (Θ2 & HT2 & E2). change (forall i, (i < n)%nat ->
      mg Θ2 i = (1 - c) * mg (/ norm Θ · Θ) i + c * mg Θ' i) in E2. pose proof (loss_at Θ2 HT2) as L.
    assert (U : sum n (fun i => ln (1 + exp (- (s * mg Θ2 i))))
      <= sum n (fun i => ln (1 + exp (- (s * z i))) + (- (c * s) * (w i * dd i) + (c * s) ^ 2 / 8
      * dd i ^ 2))).
    { apply sum_le. intros i Hi. rewrite E2 by exact Hi. fold z. replace (s
        * ((1 - c) * z i + c * mg Θ' i)) with (s * z i + c * s * dd i) by (unfold dd; ring).
      apply Rle_trans with (1 := logistic_step (s * z i) (c * s * dd i)). fold (w i). right. field. }
    rewrite !sum_plus, !sum_scal in U. fold (dot n w dd) (sq n dd) in U. fold Q in U.
    pose proof (Rle_trans _ _ _ L U) as V.
    assert (0 < c * s) by (apply Rmult_lt_0_compat; lra). apply Rmult_le_reg_l with (c * s); [assumption|].
    replace (c * s * (c * (s * Q / 8))) with ((c * s) ^ 2 / 8 * Q) by field. lra. }
  assert (D0 : dot n w dd <= 0).
  { apply Rnot_lt_le. intro Pos. set (b := s * Q / 8) in *. assert (B0 : 0 <= b)
      by (unfold b; nra). pose proof (Step 1 ltac:(lra)) as S1.
    pose proof (Step (dot n w dd / (2 * b)) ) as S2. assert (b0 : 0 < b) by lra.
    assert (C1 : 0 < dot n w dd / (2 * b) <= 1).
    { split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_le_reg_r with (2 * b); [lra|].
        unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
    specialize (S2 C1). replace (dot n w dd / (2 * b) * b) with (dot n w dd / 2) in S2 by (field; lra). lra. }
  assert (dot n w dd = dot n w (mg Θ') + -1 * dot n w z)
    by (unfold dot; rewrite <- sum_scal, <- sum_plus; apply sum_ext; intros; unfold dd; ring). lra.
Qed.
Lemma om_best Θ' : norm Θ' <= 1 -> dot n om (mg Θ') <= dot n om z.
Proof.
  intro HT'. pose proof (sum_pos w w_pos) as P.
  assert (F : forall v, dot n om v = / sum n w * dot n w v)
    by (intro v; unfold dot, om; rewrite <- sum_scal; apply sum_ext; intros; unfold Rdiv; ring).
  rewrite !F. apply Rmult_le_compat_l; [left; now apply Rinv_0_lt_compat|now apply first_order].
Qed.
(* omega and pi differ by at most the factor 1 + eta *)
Lemma om_pi i : (i < n)%nat -> om i <= (1 + eta) * pi i /\ pi i <= (1 + eta) * om i.
Proof.
  intro Hi. pose proof (sum_pos w w_pos) as P.
  pose proof (sum_pos (fun i => exp (- (s * z i))) (fun i => exp_pos _)) as PE. set (W := sum n w) in *.
  set (V := sum n (fun i => exp (- (s * z i)))) in *.
  assert (eta0 : 0 < eta) by apply exp_pos. assert (Pi : pi i = exp (- (s * z i)) / V).
  { unfold pi, E. fold V. unfold Rminus. rewrite exp_plus, (exp_Ropp (ln V)), exp_ln
      by exact PE. reflexivity. }
  assert (Lo : forall j, (j < n)%nat -> exp (- (s * z j)) <= (1 + eta) * w j).
  { intros j Hj. pose proof (exp_z_le j Hj)
      as Q. pose proof (exp_pos (- (s * z j))). unfold w.
    apply Rmult_le_reg_r with (1 + exp (- (s * z j))); [lra|].
    replace ((1 + eta) * (exp (- (s * z j)) / (1 + exp (- (s * z j)))) * (1 + exp (- (s * z j))))
      with ((1 + eta) * exp (- (s * z j))) by (field; lra). nra. }
  assert (Up : forall j, w j <= exp (- (s * z j))).
  { intro j. pose proof (exp_pos (- (s * z j))). unfold w. apply Rmult_le_reg_r
      with (1 + exp (- (s * z j))); [lra|].
    replace (exp (- (s * z j)) / (1 + exp (- (s * z j))) * (1 + exp (- (s * z j))))
      with (exp (- (s * z j))) by (field; lra). nra. }
  assert (VW : V <= (1 + eta) * W) by (unfold V, W; rewrite <- sum_scal; apply sum_le; exact Lo).
  assert (WV : W <= V) by (apply sum_le; intros; apply Up).
  rewrite Pi. unfold om. fold W. pose proof (Up i). pose proof (Lo i Hi). pose proof (w_pos i). split.
  - apply Rmult_le_reg_r with (W * V); [now apply Rmult_lt_0_compat|].
    replace (w i / W * (W * V)) with (w i * V) by (field; lra).
    replace ((1 + eta) * (exp (- (s * z i)) / V) * (W * V)) with (exp (- (s * z i)) * ((1 + eta) * W))
      by (field; lra). apply Rmult_le_compat; lra.
  - apply Rmult_le_reg_r with (W * V); [now apply Rmult_lt_0_compat|].
    replace (exp (- (s * z i)) / V * (W * V)) with (exp (- (s * z i)) * W) by (field; lra).
    replace ((1 + eta) * (w i / W) * (W * V)) with ((1 + eta) * w i * V) by (field; lra).
    apply Rmult_le_compat; lra.
Qed.
Lemma ln_pi i : ln (pi i) = - (s * z i) - E. Proof. apply ln_exp. Qed.
Lemma cross q : weight q -> - sum n (fun i => q i * ln (pi i)) = s * dot n q z + E.
Proof.
  intros [_ Q]. rewrite (sum_ext n _ (fun i => - s * (q i * z i) + - E * q i))
    by (intros; rewrite ln_pi; ring). rewrite sum_plus, !sum_scal, Q. unfold dot. ring.
Qed.
Lemma eq_G q : weight q -> H q <= E + s * dot n q z.
Proof. intro W. pose proof (Gibbs q pi W (fun i _ => exp_pos _) pi_weight) as Q.
rewrite cross in Q by exact W. lra. Qed.
Lemma bar_in_ball : norm (/ norm Θ · Θ) <= 1.
Proof. rewrite (norm_absolute p norm norm_is_norm), Rabs_pos_eq by (left; now apply Rinv_0_lt_compat).
right. field. lra. Qed.
Lemma key_lower q : weight q -> is_h q γ -> H q <= E + s * γ.
Proof. intros W [_ Hq]. pose proof (eq_G q W). pose proof (Hq _ bar_in_ball) as Q. fold z in Q.
pose proof s_pos. nra. Qed.
Lemma om_upper : E + s * dot n om z <= H om + eta.
Proof.
  pose proof om_weight as W. pose proof (cross om W) as C. assert (eta0 : 0 < eta) by apply exp_pos.
  assert (Q : sum n (fun i => om i * (ln (om i) - ln (pi i))) <= sum n (fun i => eta * om i)).
  { apply sum_le. intros i Hi. rewrite (Rmult_comm eta). apply Rmult_le_compat_l; [now apply W|].
      destruct (om_pi i Hi) as [Q _]. assert (0 < om i) by (unfold om; apply Rdiv_lt_0_compat;
      [apply w_pos|apply sum_pos, w_pos]).
    assert (ln (om i) <= ln ((1 + eta) * pi i)) by (destruct Q as [Q|Q];
      [left; now apply ln_increasing|rewrite Q; lra]). rewrite ln_mult in H1 by (try apply exp_pos; lra).
    pose proof (ln_le_1 (1 + eta) ltac:(lra)). lra. }
  rewrite sum_scal, (proj2 W) in Q.
  assert (Eq : sum n (fun i => om i * (ln (om i) - ln (pi i))) = sum n (fun i => phi (om i)) + -1
    * sum n (fun i => om i * ln (pi i))) by (rewrite <- sum_scal, <- sum_plus; apply sum_ext; intros;
    unfold phi; ring).
  unfold H. lra.
Qed.
Lemma key_upper : E + s * γ <= H om + eta.
Proof.
  destruct best_T as (Θ' & HT' & Hg). pose proof (dot_ge om (mg Θ') γ om_weight Hg).
  pose proof (om_best Θ' HT'). pose proof om_upper. pose proof s_pos. nra.
Qed.
Lemma E_nonneg : 0 <= E + s * γ.
Proof.
  destruct (Minimum_attained ((seq 0 n)) (fun i => y i * f (/ norm Θ · Θ) i)) as (i & Ii & Eq);
    [pose proof n_pos; destruct n; [lia|discriminate]|]. apply in_seq in Ii.
  assert (gz : gam = z i) by exact Eq. assert (gam <= γ) by (destruct Hm as [_ Mx]; apply Mx, bar_in_ball).
  assert (- (s * z i) <= E); [|pose proof s_pos; rewrite <- gz in *; nra].
  unfold E. rewrite <- (ln_exp (- (s * z i))) at 1.
  assert (Q : exp (- (s * z i)) <= sum n (fun i => exp (- (s * z i))))
    by (apply (sum_term n (fun i => exp (- (s * z i)))); [lia|intros; left; apply exp_pos]).
  destruct Q as [Q|Q]; [left; apply ln_increasing; [apply exp_pos|exact Q]|rewrite <- Q; lra].
Qed.
Lemma key_h Θ' : norm Θ' <= 1 -> dot n om (mg Θ') <= γ + (ln (INR n) + eta) / s.
Proof.
  intro HT'. pose proof (om_best Θ' HT'). pose proof om_upper. pose proof s_pos. pose proof E_nonneg.
  pose proof (H_le_ln_n om om_weight).
  apply Rmult_le_reg_l with s; [assumption|]. replace (s * (γ + (ln (INR n) + eta) / s))
    with (s * γ + (ln (INR n) + eta)) by (field; lra). nra.
Qed.
(** Step 5 of Theorem 2.1-L *)
Lemma key_margin : Rabs (s * (γ - gam) - (ln (max_entry om) + (E + s * γ))) <= eta.
Proof.
  destruct (Minimum_attained ((seq 0 n)) (fun i => y i * f (/ norm Θ · Θ) i)) as (i & Ii & Eq);
    [pose proof n_pos; destruct n; [lia|discriminate]|]. apply in_seq in Ii.
  assert (gz : gam = z i) by exact Eq. assert (eta0 : 0 < eta) by apply exp_pos. pose proof s_pos as Sp.
  replace (s * (γ - gam) - (ln (max_entry om) + (E + s * γ))) with (ln (pi i) - ln (max_entry om))
    by (rewrite ln_pi, gz; ring).
  assert (Mx : forall j, (j < n)%nat -> om j <= max_entry om).
  { intros j Hj. unfold max_entry,
      Maximum. pose proof (Minimum_le (seq 0 n) (fun i => - om i) j ltac:(apply in_seq; lia)) as Q.
    cbv beta in Q. lra. }
  assert (At : exists j, (j < n)%nat /\ max_entry om = om j).
  { destruct (Minimum_attained (seq 0 n) (fun i => - om i)) as (j & Ij & Ej);
      [pose proof n_pos; destruct n; [lia|discriminate]|]. exists j. apply in_seq in Ij. split; [lia|].
    unfold max_entry, Maximum. rewrite Ej. ring. }
  destruct At as (j & Hj & Ej). assert (Pj : 0 < max_entry om)
    by (rewrite Ej; unfold om; apply Rdiv_lt_0_compat; [apply w_pos|apply sum_pos, w_pos]).
  assert (pj : pi j <= pi i). { unfold pi. apply exp_mono. pose proof (z_ge j Hj). rewrite gz in H0. nra. }
  destruct (om_pi j Hj) as [O1 _]. destruct (om_pi i ltac:(lia)) as [_ O2].
  pose proof (Mx i ltac:(lia)) as M1. rewrite <- Ej in O1.
  pose proof (ln_le_1 (1 + eta) ltac:(lra)) as Le. assert (Pi0 : 0 < pi i) by apply exp_pos.
  assert (A1 : ln (max_entry om) <= ln ((1 + eta) * pi i)).
  { assert (Q : max_entry om <= (1 + eta) * pi i) by nra. destruct Q as [Q|Q];
    [left; now apply ln_increasing|rewrite Q; lra]. }
  assert (A2 : ln (pi i) <= ln ((1 + eta) * max_entry om)).
  { assert (Q : pi i <= (1 + eta) * max_entry om) by nra. destruct Q as [Q|Q];
    [left; now apply ln_increasing|rewrite Q; lra]. }
  rewrite ln_mult in A1, A2 by lra. apply Rabs_le_between. lra.
Qed.
Lemma key : exists om E, weight om /\ (forall q, weight q -> is_h q γ -> H q <= E) /\ E <= H om + eta /\
  (forall Θ', norm Θ' <= 1 -> dot n om (mg Θ') <= γ + (ln (INR n) + eta) / s) /\
    Rabs (s * (γ - gam) - (ln (max_entry om) + E)) <= eta.
Proof.
  exists om, (E + s * γ). split; [apply om_weight|]. split; [exact key_lower|]. split; [apply key_upper|].
  split; [exact key_h|exact key_margin].
Qed.
End AtLambda.
End RateConstant.
