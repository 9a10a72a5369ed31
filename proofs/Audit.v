(** * Every theorem against its statement, every twin against its false one, and the axioms used *)
From MarginTheory Require Import Statements Twins.
From MarginTheory Require Scaling Existence NormGrowth MaximumMargin Disproved2.

Check (Existence.claim_A_1 : Claim_A_1).              Check (Disproved2.twin_A_1 : ~ Twin_A_1).
Check (Scaling.equation_A_1 : Equation_A_1).
Check (Scaling.equation_A_2 : Equation_A_2).          Check (Disproved2.twin_eq_A_2 : ~ Twin_eq_A_2).
Check (Scaling.equation_A_3 : Equation_A_3).          Check (Disproved2.twin_eq_A_3 : ~ Twin_eq_A_3).
Check (NormGrowth.lemma_A_2 : Lemma_A_2).             Check (Disproved2.twin_A_2 : ~ Twin_A_2).
Check (NormGrowth.lemma_A_2_Q : Lemma_A_2_Q).         Check (Disproved2.twin_A_2_Q : ~ Twin_A_2_Q).
Check (MaximumMargin.theorem_2_1 : Theorem_2_1).      Check (Disproved2.twin_2_1 : ~ Twin_2_1).
Check (MaximumMargin.theorem_2_1_Q : Theorem_2_1_Q).  Check (Disproved2.twin_2_1_Q : ~ Twin_2_1_Q).

(** The axioms of everything above: those of the real numbers, functional extensionality and the law of excluded
    middle; where [interval] is used, the machine integers of Coq as well. *)
Definition everything := (Existence.claim_A_1, Scaling.equation_A_1, Scaling.equation_A_2, Scaling.equation_A_3,
  NormGrowth.lemma_A_2, NormGrowth.lemma_A_2_Q, MaximumMargin.theorem_2_1, MaximumMargin.theorem_2_1_Q).
Definition all_twins := (Disproved2.twin_A_1, Disproved2.twin_eq_A_2, Disproved2.twin_eq_A_3, Disproved2.twin_A_2,
  Disproved2.twin_A_2_Q, Disproved2.twin_2_1, Disproved2.twin_2_1_Q).
Print Assumptions everything.
Print Assumptions all_twins.
