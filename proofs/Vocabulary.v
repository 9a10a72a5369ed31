(** * The words of the statements

    Sums, minima, powers, vectors, norms, suprema, laws with finitely many atoms, samples and signs.
    Definitions only, apart from [decide]. With [Statements] this is all that a reader has to trust. *)
From Coq Require Import Reals List Classical.
From Coquelicot Require Import Coquelicot.
Import ListNotations.
Open Scope R_scope.

(** A natural number may stand where a real number is expected. *)
Coercion INR : nat >-> R.

(** ** Sums, products, minima, maxima *)
(** g 0 + ... + g (m-1) *)
Fixpoint sum (m : nat) (g : nat -> R) : R := match m with O => 0 | S k => sum k g + g k end.
(** g 0 * ... * g (m-1) *)
Fixpoint prod (m : nat) (g : nat -> R) : R := match m with O => 1 | S k => prod k g * g k end.
(** The sum over the entries of a list. *)
Definition Sum {A} (s : list A) (g : A -> R) : R := fold_right (fun x t => g x + t) 0 s.
(** The least and the largest of the values of g on a list that is not empty. *)
Definition Minimum {A} (s : list A) (g : A -> R) : R :=
  match s with [] => 0 | x :: t => fold_right (fun z m => Rmin (g z) m) (g x) t end.
Definition Maximum {A} (s : list A) (g : A -> R) : R := - Minimum s (fun x => - g x).
(** The supremum of g over the set A, if g is bounded above there and A is not empty. *)
Definition sup {X} (A : X -> Prop) (g : X -> R) : R := real (Lub_Rbar (fun v => exists x, A x /\ v = g x)).

(** ** Powers x ** e of a real number x >= 0, with 0 ** e = 0; and the logarithm to base 2 *)
Definition pw (x e : R) : R := if Rlt_dec 0 x then Rpower x e else 0.
Notation "x ** e" := (pw x e) (at level 30, right associativity) : R_scope.
Definition log2 (v : R) : R := ln v / ln 2.

(** ** Limits for λ -> 0, λ > 0 *)
Definition for_small_λ (P : R -> Prop) : Prop := exists λ0, 0 < λ0 /\ forall λ, 0 < λ < λ0 -> P λ.

(** ** Vectors of R^p: sequences, of which the first p entries count *)
Definition vec := nat -> R.
Definition zero : vec := fun _ => 0.
Definition scaled (c : R) (v : vec) : vec := fun k => c * v k.
Notation "c · v" := (scaled c v) (at level 36, left associativity) : R_scope.
Definition near (p : nat) (d : R) (v w : vec) : Prop := forall k, (k < p)%nat -> Rabs (w k - v k) < d.
Definition continuous_at (p : nat) (g : vec -> R) (v : vec) : Prop :=
  forall ε, 0 < ε -> exists d, 0 < d /\ forall w, near p d v w -> Rabs (g w - g v) < ε.
Definition continuous_on (p : nat) (g : vec -> R) : Prop := forall v, continuous_at p g v.
Record is_norm (p : nat) (N : vec -> R) : Prop := {
  norm_local : forall v w, (forall k, (k < p)%nat -> v k = w k) -> N v = N w;
  norm_triangle : forall v w, N (fun k => v k + w k) <= N v + N w;
  norm_absolute : forall c v, N (c · v) = Rabs c * N v;
  norm_definite : forall v, N v = 0 -> forall k, (k < p)%nat -> v k = 0 }.

(** The inner product, the squared length and the length in R^m. *)
Definition dot (m : nat) (u v : vec) : R := sum m (fun j => u j * v j).
Definition sq (m : nat) (v : vec) : R := sum m (fun j => v j ^ 2).
Definition len (m : nat) (v : vec) : R := sqrt (sq m v).

(** ** Laws with finitely many atoms: a list of pairs (weight, atom) *)
Definition law (A : Type) := list (R * A).
Fixpoint expect {A} (P : law A) (F : A -> R) : R :=
  match P with [] => 0 | wz :: P' => fst wz * F (snd wz) + expect P' F end.
Definition is_law {A} (P : law A) : Prop := (forall w z, In (w, z) P -> 0 <= w) /\ expect P (fun _ => 1) = 1.
Definition atom {A} (P : law A) (z : A) : Prop := exists w, 0 < w /\ In (w, z) P.
Lemma decide (Q : Prop) : {Q} + {~ Q}.
Proof. destruct (EM_dec Q) as [H|H]; [left; now apply NNPP|now right]. Qed.
(** The probability of an event Q. *)
Definition Pr {A} (P : law A) (Q : A -> Prop) : R := expect P (fun z => if decide (Q z) then 1 else 0).

(** n independent draws. A sample is a sequence; its entries from n on are [filler] and never matter. *)
Definition glue {A} (z : A) (s : nat -> A) : nat -> A := fun i => match i with O => z | S j => s j end.
Fixpoint product {A} (filler : A) (n : nat) (P : nat -> law A) : law (nat -> A) :=
  match n with
  | O => [(1, fun _ => filler)]
  | S k => flat_map (fun wz => map (fun vs => (fst wz * fst vs, glue (snd wz) (snd vs)))
                                   (product filler k (fun i => P (S i)))) (P O)
  end.
Definition sample {A} (filler : A) (n : nat) (P : law A) : law (nat -> A) := product filler n (fun _ => P).

(** The mean of F over the 2^n vectors of n signs, each a list; and the signed sum e_0 v_0 + e_1 v_1 + ... *)
Fixpoint E (n : nat) (F : list R -> R) : R :=
  match n with O => F [] | S k => (E k (fun e => F (1 :: e)) + E k (fun e => F (- (1) :: e))) / 2 end.
Fixpoint signed_sum (e : list R) (v : nat -> R) : R :=
  match e with [] => 0 | s :: e' => s * v O + signed_sum e' (fun i => v (S i)) end.
