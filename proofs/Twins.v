(** * False twins

    Each is a statement of [Statements] with one thing changed; the comment says what. A file of its
    section proves the negation. *)
From Coq Require Import Reals List.
From MarginTheory Require Import Vocabulary Statements.
Import ListNotations.
Open Scope R_scope.

(** * Section 2 *)

(** Claim A.1 for λ >= 0 in place of λ > 0: no penalty. *)
Definition Twin_A_1 : Prop := forall (M : model) λ, 0 <= λ -> exists Θ, minimiser λ Θ.

(** (A.2) with 2 % less than l - 1. *)
Definition Twin_eq_A_2 : Prop := forall (M : model) λ c Θ, 0 < λ -> 0 <= c ->
  loss λ (c · Θ) <= ln (1 + 0.98 * (l - 1) * exp (- (c ** a * margin Θ))) + λ * c ** r * norm Θ ** r.
(** (A.2) with one rival in place of l - 1. *)
Definition Twin_eq_A_2_one_rival : Prop := forall (M : model) λ c Θ, 0 < λ -> 0 <= c ->
  loss λ (c · Θ) <= ln (1 + exp (- (c ** a * margin Θ))) + λ * c ** r * norm Θ ** r.
(** (A.3) with 2 % more than 1/n. *)
Definition Twin_eq_A_3 : Prop := forall (M : model) λ c Θ, 0 < λ -> 0 <= c ->
  1.02 / n * ln (1 + exp (- (c ** a * margin Θ))) + λ * c ** r * norm Θ ** r <= loss λ (c · Θ).

(** Lemma A.2 without γ > 0. *)
Definition Twin_A_2 : Prop := forall (M : model) γ, max_margin γ ->
  forall B, for_small_λ (fun λ => forall Θ, minimiser λ Θ -> B < norm Θ).
(** Lemma A.2-Q with a lower bound that is 2 % larger. *)
Definition Twin_A_2_Q : Prop := forall (M : model) λ γ U Θ,
  0 < λ -> 0 < γ -> max_margin γ -> is_U λ γ U -> minimiser λ Θ ->
  n * U < ln 2 -> 1.02 * s0 γ U <= s Θ.

(** Theorem 2.1 for parameters whose loss is within 2 % of the minimum. *)
Definition Twin_2_1 : Prop := forall (M : model) γ, 0 < γ -> max_margin γ ->
  forall ε, 0 < ε -> for_small_λ (fun λ => forall Θ Θ', minimiser λ Θ' -> loss λ Θ <= 1.02 * loss λ Θ' ->
    Rabs (normalised_margin Θ - γ) < ε).

(** Theorem 2.1-Q with ln n in place of ln (n (l-1)). *)
Definition Twin_2_1_Q : Prop := forall (M : model) γ λ Θ, 0 < λ -> 0 < γ -> max_margin γ ->
  minimiser λ Θ -> 0 < norm Θ ->
  γ - normalised_margin Θ <= (ln n + (n - 1) * (l - 1) * exp (- (s Θ * γ))) / s Θ.
