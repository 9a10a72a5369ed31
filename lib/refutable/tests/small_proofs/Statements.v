(** What is claimed. *)
Require Import Arith.

Fixpoint sum (n : nat) : nat :=
  match n with 0 => 0 | S m => n + sum m end.

(** Gauss: the sum of the first n numbers, doubled. *)
Definition Theorem_1 : Prop :=
  forall n : nat, 2 * sum n = n * (n + 1).

(* the last factor dropped *)
Definition Twin_1 : Prop := forall n : nat, 2 * sum n = n * n.

Definition Theorem_2 : Prop := forall P : Prop, P \/ ~ P.
Definition Twin_2 : Prop := forall P : Prop, P.
