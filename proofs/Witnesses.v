(** * The hypotheses can be satisfied

    A theorem whose hypotheses contradict each other would be true and empty. For each theorem of
    [Statements] something satisfies all its hypotheses at once. *)
From Coq Require Import Reals.
From MarginTheory Require Import Vocabulary Statements.
Open Scope R_scope.

(** Claim A.1, (A.1)-(A.3), Lemmas A.2 and A.2-Q, Theorems 2.1 and 2.1-Q, and all parts of 2.1-Q with
    Θ' = Θ and β = 1: three classes, a positive maximum margin, λ so small that the bounds bite. *)
Definition Witness_2_1 : Prop := exists (M : model) λ γ U Θ,
  l = 3%nat /\ 0 < λ /\ 0 < γ /\ max_margin γ /\ is_U λ γ U /\ minimiser λ Θ /\ 0 < norm Θ /\
  n * U < ln 2 /\ 0 <= Λ λ γ.
