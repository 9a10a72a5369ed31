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

(** Theorem 2.2, with Θ' = Θ. *)
Definition Witness_2_2 : Prop := exists (M : model) γ c λ β Θ,
  N >= 2 /\ 0 < γ /\ max_margin γ /\ c >= c0 /\
  λ = exp (- (2 ** q - 1) ** (- / q)) * (γ ** q / N ** c) /\ 1 <= β <= 2 /\ minimiser λ Θ.
(** Theorem 2.2-Q, all parts, with Θ' = Θ and β = 1. *)
Definition Witness_2_2_Q : Prop := exists (M : model) λ γ U Θ,
  0 < λ /\ 0 < γ /\ max_margin γ /\ minimiser λ Θ /\ loss λ Θ <= U /\ n * 1 * U < ln 2 /\
  0 <= Λ λ γ /\ 0 < ln (γ ** q / (2 * 1 * n * λ)) - ln (1 + Λ λ γ ** q).
(** Theorem 2.2-I, each of its two cases, with Θ' = Θ. *)
Definition Witness_2_2_I : Prop := exists (M : model) γ, N >= 2 /\ 0 < γ /\ max_margin γ /\
  (exists c λ Θ, q <= 1 /\ c >= 9.88 /\ λ = γ ** q * (q / N) ** c /\ minimiser λ Θ) /\
  (exists c λ Θ, q >= 1 /\ c >= 6.9 + 2.28 * q * ln (2.21 * q) /\ λ = γ ** q * N ** (- c) /\ minimiser λ Θ).

(** Theorem C.1: two atoms, one with each label, and a function with a margin. *)
Definition Witness_C_1 : Prop := exists X (D : law (X * R)) (F : (X -> R) -> Prop) C n g γ,
  is_law D /\ (1 <= n)%nat /\ labels_are_signs D /\ (exists x, atom D (x, 1)) /\ (exists x, atom D (x, -1)) /\
  (forall g x y, F g -> atom D (x, y) -> Rabs (g x) <= C) /\
  F g /\ 0 < γ <= C /\ forall x y, atom D (x, y) -> γ <= y * g x.
(** Lemma C.2, Proposition 3.1, Corollary 3.2, Theorem 3.3: a relu network of two layers, data of length
    at most C, and a positive maximum margin. *)
Definition Witness_3_1 : Prop := exists (Act : activation) d K n (D : law (vec * R)) C (s : nat -> vec * R) m γ,
  (forall t, σ t = relu t) /\ (2 <= K)%nat /\ (1 <= n)%nat /\ is_law D /\ labels_are_signs D /\
  (forall x y, atom D (x, y) -> len d x <= C) /\ (forall i, (i < n)%nat -> atom D (s i)) /\
  architecture d K m /\ 0 < γ /\ network_max_margin K m n (fun i => fst (s i)) (fun i => snd (s i)) γ.

(** Theorems A.3 and 2.1-L: two examples, one of each label, and a convex set of margins. *)
Definition Witness_A_3 : Prop := exists (M : Binary.model) γ,
  Binary.n = 2%nat /\ Binary.y 0%nat = 1 /\ Binary.y 1%nat = -1 /\
  Binary.Z_is_convex /\ 0 < γ /\ Binary.max_margin γ.
