(** * Corollaries 3.2 and 3.2-Q: the bound at the weakly regularised minimiser *)
From Coq Require Import Reals Lra Lia List Psatz Classical.
From Coquelicot Require Import Coquelicot.
From MarginTheory Require Import Vocabulary Statements Sums Elementary FiniteLaws.
From MarginTheory Require Import DeepComplexity DeepNetworks NetworkModel.
Open Scope R_scope.

(** Step 1: the bound is continuous in the margin. *)
Lemma bound_continuous A C (K n : nat) δ γ ε : (1 <= n)%nat -> 0 < γ <= C_K K C -> 0 < ε ->
  exists η, 0 < η < γ /\ bound A C K n δ (γ - η) <= bound A C K n δ γ + ε.
Proof.
  intros Hn [Hg HC] He. assert (HnR : 0 < n) by (apply lt_0_INR; lia).
  assert (Sn : 0 < sqrt n) by now apply sqrt_lt_R0. assert (P : 0 < Rpower K ((K - 1) / 2)) by apply exp_pos.
  pose proof ln2_pos as L2. set (CK := C_K K C) in *.
  assert (A4 : 4 <= 4 * CK / γ).
  { apply Rmult_le_reg_r with γ; [exact Hg|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  assert (A2 : 1 < ln (4 * CK / γ) / ln 2).
  { apply Rmult_lt_reg_r with (ln 2); [exact L2|]. unfold Rdiv.
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l by lra. apply ln_increasing; unfold Rdiv in A4; lra. }
  assert (A3 : 0 < ln (ln (4 * CK / γ) / ln 2)) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (Cn : @continuous R_UniformSpace R_UniformSpace (fun g : R => bound A C K n δ g) γ).
  { apply (@ex_derive_continuous R_AbsRing R_NormedModule). unfold bound, log2. fold CK.
    auto_derive. unfold Rdiv in *. repeat split; try lra.
    - apply Rmult_integral_contrapositive_currified; [|lra].
      apply Rmult_integral_contrapositive_currified; lra.
    - apply Rmult_lt_0_compat; [exact A3|now apply Rinv_0_lt_compat]. }
  destruct (Cn (fun v => v < bound A C K n δ γ + ε)) as [d Hd].
  { exists (mkposreal ε He). intros v Hv. change (Rabs (v - bound A C K n δ γ) < ε) in Hv.
    apply Rabs_lt_between in Hv. lra. }
  pose proof (cond_pos d) as Dp. exists (Rmin (d / 2) (γ / 2)).
  assert (E1 : 0 < Rmin (d / 2) (γ / 2)) by (apply Rmin_glb_lt; lra).
  pose proof (Rmin_l (d / 2) (γ / 2)). pose proof (Rmin_r (d / 2) (γ / 2)).
  split; [lra|]. left. apply Hd. change (Rabs (γ - Rmin (d / 2) (γ / 2) - γ) < d).
  rewrite Rabs_left by lra. lra.
Qed.

Lemma sample_labels {X} filler (D : law (X * R)) n s : is_law D -> labels_are_signs D ->
  atom (sample filler n D) s -> forall i, (i < n)%nat -> snd (s i) = 1 \/ snd (s i) = -1.
Proof.
  intros L Hy Hs i Hi. apply (Hy (fst (s i))). rewrite <- surjective_pairing.
  now apply (sample_atom filler n D s L Hs).
Qed.

Theorem corollary_3_2 : Corollary_3_2.
Proof.
  intros Act d K n filler D C HK Hn L Hy HC δ Hd.
  apply Rle_trans with (1 := Prop_3_1_A d K HK n Hn filler D C L Hy HC (χ K) δ
                              (χ_serves d K HK n Hn filler D C L HC) Hd).
  apply Pr_le; [now apply sample_law|]. intros s Hs H x y m γ [H0 H1] Hg Hm ε He.
  pose proof (sample_labels filler D n s L Hy Hs) as Lab.
  assert (A : forall η, 0 < η -> for_small_λ (fun λ => forall W, network_minimiser K m n x y λ W ->
    forall i, (i < n)%nat -> γ - η < y i * net K m (normalised K m W) (x i))).
  { intros η Hη. apply network_A_3; try assumption. lia. }
  (* γ is at most C_K *)
  assert (Gc : γ <= C_K K C).
  { apply (max_margin_le_C_K K m n x y C γ HK Hn H1 (Lab O ltac:(lia))); [|exact Hm]. rewrite H0.
    apply (HC _ (snd (s O))). unfold x. rewrite <- surjective_pairing.
    apply (sample_atom filler n D s L Hs). lia. }
  destruct (bound_continuous (χ K) C K n δ γ ε Hn (conj Hg Gc) He) as (η & Hη & Cn).
  destruct (A η ltac:(lra)) as (λ0 & Hl0 & Al). exists λ0. split; [exact Hl0|]. intros λ Hl W Min.
  apply Rle_trans with (2 := Cn). apply (H m W (γ - η) H0 H1 ltac:(lra)). intros i Hi. left.
  exact (Al λ Hl W Min i Hi).
Qed.

Theorem corollary_3_2_Q : Corollary_3_2_Q.
Proof.
  intros Act d K n filler D C HK Hn L Hy HC δ Hd.
  apply Rle_trans with (1 := proposition_3_1 d K HK n Hn filler D C L Hy HC δ Hd).
  apply Pr_le; [now apply sample_law|]. intros s Hs H x y m γ λ U W [H0 H1] Hg Hm Hl Min HU HnU Hh.
  pose proof (sample_labels filler D n s L Hy Hs) as Lab.
  apply H; try assumption; [lra|]. intros i Hi.
  apply (network_2_1_Q K ltac:(lia) m n x y H1 Hn Lab λ γ U W); assumption.
Qed.
