(** * Every theorem against its statement, every twin against its false one, and the axioms of all *)
From MarginTheory Require Import Statements Twins.
From MarginTheory Require Scaling Existence NormGrowth MaximumMargin ApproximateMinimisers ConstantFactor.
From MarginTheory Require WithoutExponential BinaryCase RateLimit MarginBound DeepNetworks TwoLayers.
From MarginTheory Require NetworkModel Corollaries Disproved2 DisprovedBinary Disproved3 DisprovedNetworks.

Check (Existence.claim_A_1 : Claim_A_1).                       Check (Disproved2.twin_A_1 : ~ Twin_A_1).
Check (Scaling.equation_A_1 : Equation_A_1).
Check (Scaling.equation_A_2 : Equation_A_2).                   Check (Disproved2.twin_eq_A_2 : ~ Twin_eq_A_2).
Check (Disproved2.twin_eq_A_2_one_rival : ~ Twin_eq_A_2_one_rival).
Check (Scaling.equation_A_3 : Equation_A_3).                   Check (Disproved2.twin_eq_A_3 : ~ Twin_eq_A_3).
Check (NormGrowth.lemma_A_2 : Lemma_A_2).                      Check (Disproved2.twin_A_2 : ~ Twin_A_2).
Check (NormGrowth.lemma_A_2_Q : Lemma_A_2_Q).                  Check (Disproved2.twin_A_2_Q : ~ Twin_A_2_Q).
Check (MaximumMargin.theorem_2_1 : Theorem_2_1).               Check (Disproved2.twin_2_1 : ~ Twin_2_1).
Check (MaximumMargin.theorem_2_1_Q : Theorem_2_1_Q).           Check (Disproved2.twin_2_1_Q : ~ Twin_2_1_Q).
Check (RateLimit.theorem_2_1_L : Theorem_2_1_L).
Check (DisprovedBinary.twin_2_1_L : ~ Twin_2_1_L).
Check (ConstantFactor.theorem_2_2 : Theorem_2_2).              Check (Disproved2.twin_2_2 : ~ Twin_2_2).
Check (ApproximateMinimisers.theorem_2_2_Q : Theorem_2_2_Q).   Check (Disproved2.twin_2_2_Q : ~ Twin_2_2_Q).
Check (WithoutExponential.theorem_2_2_I : Theorem_2_2_I).      Check (Disproved2.twin_2_2_I : ~ Twin_2_2_I).
Check (BinaryCase.theorem_A_3 : Theorem_A_3).                  Check (DisprovedBinary.twin_A_3 : ~ Twin_A_3).
Check (MarginBound.theorem_C_1 : Theorem_C_1).                 Check (Disproved3.twin_C_1 : ~ Twin_C_1).
Check (Disproved3.twin_C_1_empirical : ~ Twin_C_1_empirical).
Check (DeepNetworks.lemma_C_2 : Lemma_C_2).                    Check (Disproved3.twin_C_2 : ~ Twin_C_2).
Check (Disproved3.twin_C_2_ii : ~ Twin_C_2_ii).
Check (TwoLayers.lemma_C_2_S : Lemma_C_2_S).                   Check (Disproved3.twin_C_2_S : ~ Twin_C_2_S).
Check (Disproved3.twin_C_2_S_upper : ~ Twin_C_2_S_upper).
Check (TwoLayers.proposition_3_1 : Proposition_3_1).
Check (DisprovedNetworks.twin_3_1 : ~ Twin_3_1).
Check (Corollaries.corollary_3_2 : Corollary_3_2).
Check (DisprovedNetworks.twin_3_2 : ~ Twin_3_2).
Check (Corollaries.corollary_3_2_Q : Corollary_3_2_Q).         Check (DisprovedNetworks.twin_3_2_Q : ~ Twin_3_2_Q).
Check (NetworkModel.theorem_3_3 : Theorem_3_3).
Check (DisprovedNetworks.twin_3_3 : ~ Twin_3_3).

(** The axioms of everything above: those of the real numbers, functional extensionality and the law of the
    excluded middle. Where [interval] computes a number, the machine integers of Coq are among them. *)
Definition without_numbers := (Existence.claim_A_1, Scaling.equation_A_1, Scaling.equation_A_2,
  Scaling.equation_A_3, NormGrowth.lemma_A_2, NormGrowth.lemma_A_2_Q, MaximumMargin.theorem_2_1,
  MaximumMargin.theorem_2_1_Q, RateLimit.theorem_2_1_L, ApproximateMinimisers.theorem_2_2_Q,
  BinaryCase.theorem_A_3, MarginBound.theorem_C_1).
Definition with_numbers := (ConstantFactor.theorem_2_2, WithoutExponential.theorem_2_2_I,
  DeepNetworks.lemma_C_2, TwoLayers.lemma_C_2_S, TwoLayers.proposition_3_1, Corollaries.corollary_3_2,
  Corollaries.corollary_3_2_Q, NetworkModel.theorem_3_3,
  (Disproved2.twin_A_1, Disproved2.twin_eq_A_2, Disproved2.twin_eq_A_2_one_rival, Disproved2.twin_eq_A_3,
   Disproved2.twin_A_2, Disproved2.twin_A_2_Q, Disproved2.twin_2_1, Disproved2.twin_2_1_Q,
   DisprovedBinary.twin_2_1_L, Disproved2.twin_2_2, Disproved2.twin_2_2_Q, Disproved2.twin_2_2_I,
   DisprovedBinary.twin_A_3),
  (Disproved3.twin_C_1, Disproved3.twin_C_1_empirical, Disproved3.twin_C_2, Disproved3.twin_C_2_ii,
   Disproved3.twin_C_2_S, Disproved3.twin_C_2_S_upper, DisprovedNetworks.twin_3_1,
   DisprovedNetworks.twin_3_2, DisprovedNetworks.twin_3_2_Q, DisprovedNetworks.twin_3_3)).
Print Assumptions without_numbers.
Print Assumptions with_numbers.
