(** * What is proved: definitions and statements, no proofs

    Each item of the book is a proposition of the same name; a file of its section proves it.
    How to read: "forall" and "exists" are the quantifiers, "->" is "implies", "/\" is "and",
    "\/" is "or"; a function is applied without brackets, so [ln n] is ln(n). [x ** e] is the real
    power of x >= 0, [c · Θ] the multiple of a vector; [sum n (fun i => g i)] is the sum of g(i)
    over i = 0, ..., n-1. Indices start at 0. *)
From Coq Require Import Reals List.
From MarginTheory Require Import Vocabulary.
Import ListNotations.
Open Scope R_scope.

(** * Section 2: a weak regulariser finds the maximum margin *)

(** The setting: n >= 1 examples, l >= 2 classes, scores that are continuous and a-homogeneous in the
    parameter Θ of R^p, any norm, any power r > 0 of it as the penalty. *)
Class model := {
  p : nat;                                   (* Θ is a vector of R^p *)
  norm : vec -> R;
  n : nat;                                   (* the examples x_0, ..., x_(n-1) *)
  l : nat;                                   (* the classes 0, ..., l-1 *)
  y : nat -> nat;                            (* y i is the label of x_i *)
  f : vec -> nat -> nat -> R;                (* f Θ i j is the score f_j(Θ; x_i) *)
  a : R;
  r : R;
  n_pos : (1 <= n)%nat;
  two_classes : (2 <= l)%nat;
  y_is_class : forall i, (i < n)%nat -> (y i < l)%nat;
  a_pos : 0 < a;
  r_pos : 0 < r;
  norm_is_norm : is_norm p norm;
  f_continuous : forall i j, (i < n)%nat -> (j < l)%nat -> continuous_on p (fun Θ => f Θ i j);
  f_homogeneous : forall c Θ i j, 0 < c -> (i < n)%nat -> (j < l)%nat ->
    f (c · Θ) i j = c ** a * f Θ i j }.

Section Setting.
Context {M : model}.
Definition examples : list nat := seq 0 n.                                       (* 0, ..., n-1 *)
Definition rivals (i : nat) : list nat :=                                        (* the classes j <> y i *)
  filter (fun j => negb (Nat.eqb j (y i))) (seq 0 l).
(** (2.1) *)
Definition cross_entropy Θ : R :=
  / n * sum n (fun i => - ln (exp (f Θ i (y i)) / sum l (fun j => exp (f Θ i j)))).
Definition loss λ Θ : R := cross_entropy Θ + λ * norm Θ ** r.
Definition minimiser λ Θ : Prop := forall Θ', loss λ Θ <= loss λ Θ'.
Definition margin Θ : R := Minimum examples (fun i => f Θ i (y i) - Maximum (rivals i) (fun j => f Θ i j)).
(** (2.2) The normalised margin of Θ, the maximum margin γ (in the book γ⋆), q and s. *)
Definition normalised_margin Θ : R := margin (/ norm Θ · Θ).
Definition max_margin γ : Prop :=
  (exists Θ, norm Θ <= 1 /\ margin Θ = γ) /\ forall Θ, norm Θ <= 1 -> margin Θ <= γ.
Definition q : R := r / a.
Definition s Θ : R := norm Θ ** a.
(** Lemma A.2-Q: U is the minimum of the function V over M >= 0; the lower bound s0 of s; Λ. *)
Definition V λ γ M : R := ln (1 + (l - 1) * exp (- (M ** a * γ))) + λ * M ** r.
Definition is_U λ γ U : Prop := (exists M, 0 <= M /\ V λ γ M = U) /\ forall M, 0 <= M -> U <= V λ γ M.
Definition s0 γ U : R := / γ * ln (/ (exp (n * U) - 1)).
Definition Λ λ γ : R := ln ((l - 1) * γ ** q / λ).
(** Theorem 2.1-Q *)
Definition h γ t : R := / t * ln (exp (t * γ) * ((1 + (l - 1) * exp (- (t * γ))) ^ n - 1)).
(** Theorem 2.2 *)
Definition N : R := n * (l - 1).
Definition c0 : R := 8 + 3.61 * q * Rmax 0 (ln (2.07 * q)).
(** Theorem 2.2-Q, the closed form of the bound *)
Definition closed_bound λ γ β : R :=
  γ / β ** (/ q) * ((ln (γ ** q / (2 * β * n * λ)) - ln (1 + Λ λ γ ** q)) / (1 + Λ λ γ ** q) ** (/ q)).
End Setting.

(** Minimisers exist; none is long. The book's γ⋆ and U exist as well. *)
Definition Claim_A_1 : Prop := forall M : model,
  (forall λ, 0 < λ -> (exists Θ, minimiser λ Θ) /\
                      forall Θ, minimiser λ Θ -> norm Θ <= (ln l / λ) ** (/ r)) /\
  (exists γ, max_margin γ) /\
  (forall λ γ, 0 < λ -> 0 <= γ -> exists U, is_U λ γ U).

(** (A.1), (A.2), (A.3): the loss along a ray, for every sign of the margin. *)
Definition Equation_A_1 : Prop := forall (M : model) λ c Θ, 0 <= c ->
  loss λ (c · Θ) =
    / n * sum n (fun i => ln (1 + Sum (rivals i) (fun j => exp (c ** a * (f Θ i j - f Θ i (y i))))))
    + λ * c ** r * norm Θ ** r.
Definition Equation_A_2 : Prop := forall (M : model) λ c Θ, 0 <= c ->
  loss λ (c · Θ) <= ln (1 + (l - 1) * exp (- (c ** a * margin Θ))) + λ * c ** r * norm Θ ** r.
Definition Equation_A_3 : Prop := forall (M : model) λ c Θ, 0 <= c ->
  / n * ln (1 + exp (- (c ** a * margin Θ))) + λ * c ** r * norm Θ ** r <= loss λ (c · Θ).

(** The norm of the minimisers diverges as λ -> 0: it exceeds any B for all small λ. *)
Definition Lemma_A_2 : Prop := forall (M : model) γ, 0 < γ -> max_margin γ ->
  forall B, for_small_λ (fun λ => forall Θ, minimiser λ Θ -> B < norm Θ).
Definition Lemma_A_2_Q : Prop := forall (M : model) λ γ U Θ,
  0 < λ -> 0 < γ -> max_margin γ -> is_U λ γ U -> minimiser λ Θ ->
  loss λ Θ <= U /\
  s Θ <= (U / λ) ** (/ q) /\
  (n * U < ln 2 -> s0 γ U <= s Θ) /\
  (0 <= Λ λ γ -> U <= λ * γ ** (- q) * (1 + Λ λ γ ** q)).

(** Theorem 2.1: the normalised margin of the minimisers tends to the maximum margin as λ -> 0, in the
    form that serves every choice λ -> Θ_λ of minimisers. *)
Definition Theorem_2_1 : Prop := forall (M : model) γ, 0 < γ -> max_margin γ ->
  forall ε, 0 < ε -> for_small_λ (fun λ => forall Θ, minimiser λ Θ -> Rabs (normalised_margin Θ - γ) < ε).

(** Theorem 2.1-Q: the deficit at each λ; h does not increase; the deficit from λ alone; approximate
    minimisers. *)
Definition Theorem_2_1_Q : Prop := forall (M : model) γ, max_margin γ ->
  (forall λ Θ, 0 < λ -> minimiser λ Θ -> 0 < norm Θ ->
     0 <= γ - normalised_margin Θ /\
     γ - normalised_margin Θ <= h γ (s Θ) /\
     h γ (s Θ) <= (ln (n * (l - 1)) + (n - 1) * (l - 1) * exp (- (s Θ * γ))) / s Θ) /\
  (forall t u, 0 < t <= u -> h γ u <= h γ t) /\
  (forall λ U Θ, 0 < λ -> 0 < γ -> minimiser λ Θ -> is_U λ γ U -> n * U < ln 2 ->
     γ - normalised_margin Θ <= h γ (s0 γ U)) /\
  (forall λ β Θ Θ', 0 < λ -> 1 <= β -> minimiser λ Θ -> 0 < norm Θ' -> loss λ Θ' <= β * loss λ Θ ->
     exp (- (s Θ' * normalised_margin Θ')) <=
       exp (n * (β * ln (1 + (l - 1) * exp (- (s Θ' * γ))) + (β - 1) * λ * s Θ' ** q)) - 1).

(** Theorem 2.2: a minimiser up to the factor β has the maximum margin up to a constant factor. *)
Definition Theorem_2_2 : Prop := forall (M : model) γ c λ β Θ Θ',
  N >= 2 -> 0 < γ -> max_margin γ -> c >= c0 ->
  λ = exp (- (2 ** q - 1) ** (- / q)) * (γ ** q / N ** c) ->
  1 <= β <= 2 -> minimiser λ Θ -> loss λ Θ' <= β * loss λ Θ ->
  0 < norm Θ' /\ γ / (10 * β ** (a / r)) <= normalised_margin Θ'.

(** Theorem 2.2-Q: any penalty and any upper bound U of the minimum; the closed form; its limit as
    λ -> 0; so any constant κ < 1 can stand for 1/10. *)
Definition Theorem_2_2_Q : Prop := forall M : model,
  (forall λ β Θ Θ' U, 0 < λ -> 1 <= β -> minimiser λ Θ -> loss λ Θ' <= β * loss λ Θ ->
     loss λ Θ <= U -> n * β * U < ln 2 ->
     0 < norm Θ' /\ - ln (exp (n * β * U) - 1) * (λ / (β * U)) ** (a / r) <= normalised_margin Θ') /\
  (forall λ γ β Θ Θ', 0 < λ -> 0 < γ -> max_margin γ -> 1 <= β -> minimiser λ Θ ->
     loss λ Θ' <= β * loss λ Θ -> 0 <= Λ λ γ ->
     0 < ln (γ ** q / (2 * β * n * λ)) - ln (1 + Λ λ γ ** q) ->
     0 < norm Θ' /\ closed_bound λ γ β <= normalised_margin Θ') /\
  (forall γ β ε, 0 < γ -> 1 <= β -> 0 < ε ->
     for_small_λ (fun λ => Rabs (closed_bound λ γ β - γ / β ** (/ q)) < ε)) /\
  (forall γ β κ, 0 < γ -> max_margin γ -> 1 <= β -> κ < 1 ->
     for_small_λ (fun λ => forall Θ Θ', minimiser λ Θ -> loss λ Θ' <= β * loss λ Θ ->
       0 < norm Θ' /\ κ * (γ / β ** (/ q)) <= normalised_margin Θ')).

(** Theorem 2.2-I: λ without the exponential factor. *)
Definition Theorem_2_2_I : Prop := forall (M : model) γ c λ β Θ Θ',
  N >= 2 -> 0 < γ -> max_margin γ ->
  (q <= 1 /\ c >= 9.88 /\ λ = γ ** q * (q / N) ** c) \/
  (q >= 1 /\ c >= 6.9 + 2.28 * q * ln (2.21 * q) /\ λ = γ ** q * N ** (- c)) ->
  1 <= β <= 2 -> minimiser λ Θ -> loss λ Θ' <= β * loss λ Θ ->
  0 < norm Θ' /\ γ / (10 * β ** (a / r)) <= normalised_margin Θ'.

(** ** Two classes with one score f Θ i and labels y i = 1 or -1 *)
Module Binary.
Class model := {
  p : nat;
  norm : vec -> R;
  n : nat;
  y : nat -> R;
  f : vec -> nat -> R;
  a : R;
  r : R;
  n_pos : (1 <= n)%nat;
  y_is_sign : forall i, (i < n)%nat -> y i = 1 \/ y i = -1;
  a_pos : 0 < a;
  r_pos : 0 < r;
  norm_is_norm : is_norm p norm;
  f_continuous : forall i, (i < n)%nat -> continuous_on p (fun Θ => f Θ i);
  f_homogeneous : forall c Θ i, 0 < c -> (i < n)%nat -> f (c · Θ) i = c ** a * f Θ i }.

Section Setting.
Context {M : model}.
(** (A.6) *)
Definition loss λ Θ : R := / n * sum n (fun i => ln (1 + exp (- (y i * f Θ i)))) + λ * norm Θ ** r.
Definition minimiser λ Θ : Prop := forall Θ', loss λ Θ <= loss λ Θ'.
Definition margin Θ : R := Minimum (seq 0 n) (fun i => y i * f Θ i).
Definition normalised_margin Θ : R := margin (/ norm Θ · Θ).
Definition max_margin γ : Prop :=
  (exists Θ, norm Θ <= 1 /\ margin Θ = γ) /\ forall Θ, norm Θ <= 1 -> margin Θ <= γ.
Definition s Θ : R := norm Θ ** a.
Definition q : R := r / a.
Definition V λ γ M : R := ln (1 + exp (- (M ** a * γ))) + λ * M ** r.
Definition is_U λ γ U : Prop := (exists M, 0 <= M /\ V λ γ M = U) /\ forall M, 0 <= M -> U <= V λ γ M.
Definition s0 γ U : R := / γ * ln (/ (exp (n * U) - 1)).
Definition h γ t : R := / t * ln (exp (t * γ) * ((1 + exp (- (t * γ))) ^ n - 1)).

(** Theorem 2.1-L: the margins (y_i f(Θ; x_i))_i with norm Θ <= 1 form the set Z. *)
Definition Z_is_convex : Prop := forall Θ Θ' c, norm Θ <= 1 -> norm Θ' <= 1 -> 0 <= c <= 1 ->
  exists Θ'', norm Θ'' <= 1 /\
    forall i, (i < n)%nat -> y i * f Θ'' i = (1 - c) * (y i * f Θ i) + c * (y i * f Θ' i).
(** Weights of the examples; their entropy (ln 0 is 0 here, so 0 ln 0 = 0); max over Z of w·z is v. *)
Definition is_weight (w : vec) : Prop := (forall i, (i < n)%nat -> 0 <= w i) /\ sum n w = 1.
Definition entropy (w : vec) : R := - sum n (fun i => w i * ln (w i)).
Definition support_is (w : vec) (v : R) : Prop :=
  (exists Θ, norm Θ <= 1 /\ sum n (fun i => w i * (y i * f Θ i)) = v) /\
  forall Θ, norm Θ <= 1 -> sum n (fun i => w i * (y i * f Θ i)) <= v.
(** The weights of the largest entropy among those with max over Z of w·z = γ. *)
Definition is_p_star γ (w : vec) : Prop :=
  is_weight w /\ support_is w γ /\ forall w', is_weight w' -> support_is w' γ -> entropy w' <= entropy w.
Definition largest (w : vec) : R := Maximum (seq 0 n) w.
End Setting.
End Binary.

(** Theorem A.3, with the existence of minimisers and of the maximum margin. *)
Definition Theorem_A_3 : Prop := forall M : Binary.model,
  (forall λ, 0 < λ -> exists Θ, Binary.minimiser λ Θ) /\
  (exists γ, Binary.max_margin γ) /\
  forall γ, Binary.max_margin γ ->
    (0 < γ -> forall ε, 0 < ε -> for_small_λ (fun λ => forall Θ, Binary.minimiser λ Θ ->
       Rabs (Binary.normalised_margin Θ - γ) < ε)) /\
    (forall λ Θ, 0 < λ -> Binary.minimiser λ Θ -> 0 < Binary.norm Θ ->
       0 <= γ - Binary.normalised_margin Θ /\
       γ - Binary.normalised_margin Θ <= Binary.h γ (Binary.s Θ) /\
       Binary.h γ (Binary.s Θ) <=
         (ln Binary.n + (Binary.n - 1) * exp (- (Binary.s Θ * γ))) / Binary.s Θ) /\
    (forall t u, 0 < t <= u -> Binary.h γ u <= Binary.h γ t) /\
    (forall λ U Θ, 0 < λ -> 0 < γ -> Binary.minimiser λ Θ -> Binary.is_U λ γ U -> Binary.n * U < ln 2 ->
       γ - Binary.normalised_margin Θ <= Binary.h γ (Binary.s0 γ U)) /\
    (forall λ β Θ Θ', 0 < λ -> 1 <= β -> Binary.minimiser λ Θ -> 0 < Binary.norm Θ' ->
       Binary.loss λ Θ' <= β * Binary.loss λ Θ ->
       exp (- (Binary.s Θ' * Binary.normalised_margin Θ')) <=
         exp (Binary.n * (β * ln (1 + exp (- (Binary.s Θ' * γ))) +
                          (β - 1) * λ * Binary.s Θ' ** Binary.q)) - 1).

(** Theorem 2.1-L: the constant of the deficit, for one score and convex Z.
    What the formal statement leaves out: the leads of l classes. *)
Definition Theorem_2_1_L : Prop := forall (M : Binary.model) γ, Binary.Z_is_convex ->
  0 < γ -> Binary.max_margin γ ->
  (exists w, Binary.is_p_star γ w) /\
  forall w, Binary.is_p_star γ w ->
    (forall ε, 0 < ε -> for_small_λ (fun λ => forall Θ, Binary.minimiser λ Θ ->
       Rabs (Binary.s Θ * (γ - Binary.normalised_margin Θ) -
             (Binary.entropy w + ln (Binary.largest w))) < ε)) /\
    Binary.entropy w + ln (Binary.largest w) <= ln Binary.n /\
    (forall W, 0 <= W -> W * exp W = (Binary.n - 1) / exp 1 ->           (* Lambert's W((n-1)/e) *)
       Binary.entropy w + ln (Binary.largest w) <= W).

(** * Section 3: what a margin buys *)

(** ** Networks (3.1): layer k < K is a matrix W k with m (k+1) rows and m k columns; m 0 is the
    dimension of the inputs and m K = 1. [m] is the architecture, [W] are the weights. *)
Definition weights := nat -> nat -> nat -> R.
Class activation := {
  σ : R -> R;
  σ_lipschitz : forall s t, Rabs (σ s - σ t) <= Rabs (s - t);
  σ_homogeneous : forall c t, 0 < c -> σ (c * t) = c * σ t }.

Section Networks.
Context {Act : activation}.
Definition layer (m : nat -> nat) (W : weights) k (v : vec) : vec := fun i => dot (m k) (W k i) v.
Fixpoint hidden (m : nat -> nat) (W : weights) (x : vec) (k : nat) : vec :=
  match k with O => x | S j => fun i => σ (layer m W j (hidden m W x j) i) end.
Definition net (K : nat) (m : nat -> nat) (W : weights) (x : vec) : R :=
  layer m W (pred K) (hidden m W x (pred K)) O.
(** The squared Frobenius norm of layer k, and of all parameters; Θ/|Θ|. *)
Definition frob (m : nat -> nat) (W : weights) k : R := sum (m (S k)) (fun i => sq (m k) (W k i)).
Definition norm2 K m W : R := sum K (fun k => frob m W k).
Definition rescaled (c : nat -> R) (W : weights) : weights := fun k i j => c k * W k i j.
Definition normalised K m W : weights := rescaled (fun _ => / sqrt (norm2 K m W)) W.

(** The examples (x i, y i), i < n. *)
Definition margin_at_least K m n (x : nat -> vec) (y : nat -> R) W g : Prop :=
  forall i, (i < n)%nat -> g <= y i * net K m W (x i).
Definition network_max_margin K m n x y γ : Prop :=
  (exists W, norm2 K m W <= 1 /\ margin_at_least K m n x y W γ) /\
  forall W g, norm2 K m W <= 1 -> margin_at_least K m n x y W g -> g <= γ.
(** (3.2) *)
Definition objective K m (n : nat) (x : nat -> vec) (y : nat -> R) λ W : R :=
  / n * sum n (fun i => ln (1 + exp (- (y i * net K m W (x i))))) + λ * norm2 K m W.
Definition network_minimiser K m n x y λ W : Prop :=
  forall W', objective K m n x y λ W <= objective K m n x y λ W'.
Definition architecture d K (m : nat -> nat) : Prop := m O = d /\ m K = 1%nat.
(** F_K: the networks of depth K, any widths, whose layers have norm at most K^(-1/2). *)
Definition deep d K (g : vec -> R) : Prop := exists m W, architecture d K m /\
  (forall k, (k < K)%nat -> frob m W k <= / K) /\ forall x, g x = net K m W x.
End Networks.

(** ** Laws, errors, Rademacher complexities. An example is an input with its label.
    What the formal statements from here on leave out: laws with infinitely many atoms. *)
Definition labels_are_signs {X} (D : law (X * R)) : Prop := forall x y, atom D (x, y) -> y = 1 \/ y = -1.
Definition error {X} (D : law (X * R)) (g : X -> R) : R := Pr D (fun z => snd z * g (fst z) <= 0).
Definition training_error {X} (n : nat) (s : nat -> X * R) (g : X -> R) γ : R :=
  / n * sum n (fun i => if Rlt_dec (snd (s i) * g (fst (s i))) γ then 1 else 0).
(** The complexity of a class F, whose element g has the values c g 0, ..., c g (n-1). *)
Definition complexity {X} (n : nat) (F : X -> Prop) (c : X -> nat -> R) : R :=
  / n * E n (fun e => sup F (fun g => signed_sum e (c g))).
Definition empirical_complexity {X} n (F : (X -> R) -> Prop) (s : nat -> X * R) : R :=
  complexity n F (fun g i => g (fst (s i))).
Definition expected_complexity {X} (filler : X * R) n (F : (X -> R) -> Prop) (D : law (X * R)) : R :=
  expect (sample filler n D) (empirical_complexity n F).

(** Theorem C.1, with the expected and with the empirical complexity. *)
Definition Theorem_C_1 : Prop := forall X (filler : X * R) (D : law (X * R)) (F : (X -> R) -> Prop) C n,
  is_law D -> (1 <= n)%nat -> labels_are_signs D ->
  (forall g x y, F g -> atom D (x, y) -> Rabs (g x) <= C) ->
  forall δ, 0 < δ ->
  1 - δ <= Pr (sample filler n D) (fun s => forall g γ, F g -> 0 < γ <= C ->
    error D g <= training_error n s g γ + 4 / γ * expected_complexity filler n F D
                 + sqrt (ln (log2 (4 * C / γ)) / n) + sqrt (ln (1 / δ) / (2 * n))) /\
  1 - δ <= Pr (sample filler n D) (fun s => forall g γ, F g -> 0 < γ <= C ->
    error D g <= training_error n s g γ + 4 / γ * empirical_complexity n F s
                 + 3 * sqrt (ln (log2 (4 * C / γ)) / n) + 3 * sqrt (ln (1 / δ) / (2 * n))).

(** Lemma C.2. *)
Definition frob_X d n (x : nat -> vec) : R := sqrt (sum n (fun i => len d (x i) ^ 2)).
Definition χ (K : nat) : R := (1 + sqrt (2 * (K - 1) * ln 2)) / sqrt K.
Definition C_K (K : nat) (C : R) : R := Rpower K (- (K / 2)) * C.
(** The right side of (3.3) with the constant A in place of χ K. *)
Definition bound A C (K n : nat) δ γ : R :=
  4 * A * C / (γ * Rpower K ((K - 1) / 2) * sqrt n)
  + sqrt (ln (log2 (4 * C_K K C / γ)) / n) + sqrt (ln (1 / δ) / (2 * n)).
Definition Lemma_C_2 : Prop := forall (Act : activation) d K, (2 <= K)%nat ->
  (forall g x, deep d K g -> Rabs (g x) <= Rpower K (- (K / 2)) * len d x) /\
  (forall n x, (1 <= n)%nat ->
     complexity n (deep d K) (fun g i => g (x i)) <= χ K * frob_X d n x / (Rpower K ((K - 1) / 2) * n) /\
     forall C, (forall i, (i < n)%nat -> len d (x i) <= C) ->
       complexity n (deep d K) (fun g i => g (x i)) <= χ K * C / (Rpower K ((K - 1) / 2) * sqrt n)) /\
  (χ K <= χ 2 /\ χ 2 <= 1.54) /\
  (forall filler (D : law (vec * R)) C n, is_law D -> (1 <= n)%nat -> labels_are_signs D ->
     (forall x y, atom D (x, y) -> len d x <= C) -> forall δ, 0 < δ ->
     1 - δ <= Pr (sample filler n D) (fun s => forall g γ, deep d K g -> 0 < γ ->
       (forall i, (i < n)%nat -> γ <= snd (s i) * g (fst (s i))) ->
       error D g <= bound (χ K) C K n δ γ)).

(** Lemma C.2-S: two layers exactly and from above; the relu at depth K from below; one example. *)
Definition relu (t : R) : R := Rmax 0 t.
Definition Lemma_C_2_S : Prop := forall (Act : activation) d n (x : nat -> vec),
  (1 <= d)%nat -> (1 <= n)%nat ->
  complexity n (deep d 2) (fun g i => g (x i)) =
    / (2 * n) * E n (fun e => sup (fun u => sq d u = 1)
                                  (fun u => Rabs (signed_sum e (fun i => σ (dot d u (x i)))))) /\
  complexity n (deep d 2) (fun g i => g (x i)) <= frob_X d n x / n /\
  ((forall t, σ t = relu t) -> forall K, (2 <= K)%nat ->
     2 * Rpower K (- (K / 2)) * complexity n (deep d 2) (fun g i => g (x i))
       <= complexity n (deep d K) (fun g i => g (x i)) /\
     complexity 1 (deep d K) (fun g i => g (x i)) = Rpower K (- (K / 2)) * len d (x O)).

(** Proposition 3.1: for all networks of depth K at once, of any widths; for K = 2 with 4 C / (γ √n). *)
Definition Proposition_3_1 : Prop := forall (Act : activation) d K n filler (D : law (vec * R)) C,
  (2 <= K)%nat -> (1 <= n)%nat -> is_law D -> labels_are_signs D ->
  (forall x y, atom D (x, y) -> len d x <= C) -> forall δ, 0 < δ ->
  1 - δ <= Pr (sample filler n D) (fun s => forall m W γ, architecture d K m -> 0 < γ ->
    (forall i, (i < n)%nat -> γ <= snd (s i) * net K m (normalised K m W) (fst (s i))) ->
    error D (net K m W) <= bound (χ K) C K n δ γ) /\
  ((1 <= d)%nat -> K = 2%nat ->
   1 - δ <= Pr (sample filler n D) (fun s => forall m W γ, architecture d 2 m -> 0 < γ ->
     (forall i, (i < n)%nat -> γ <= snd (s i) * net 2 m (normalised 2 m W) (fst (s i))) ->
     error D (net 2 m W) <= 4 * C / (γ * sqrt n)
       + sqrt (ln (log2 (4 * (C / 2) / γ)) / n) + sqrt (ln (1 / δ) / (2 * n)))).

(** Corollary 3.2: limsup of the error as λ -> 0, for all architectures at once.
    What the formal statement leaves out: the remark on minimisers up to a factor β. *)
Definition Corollary_3_2 : Prop := forall (Act : activation) d K n filler (D : law (vec * R)) C,
  (2 <= K)%nat -> (1 <= n)%nat -> is_law D -> labels_are_signs D ->
  (forall x y, atom D (x, y) -> len d x <= C) -> forall δ, 0 < δ ->
  1 - δ <= Pr (sample filler n D) (fun s => let x i := fst (s i) in let y i := snd (s i) in
    forall m γ, architecture d K m -> 0 < γ -> network_max_margin K m n x y γ ->
    forall ε, 0 < ε -> for_small_λ (fun λ => forall W, network_minimiser K m n x y λ W ->
      error D (net K m W) <= bound (χ K) C K n δ γ + ε)).
(** For each λ: V, U, s0 and h are those of Section 2 with a = K, r = 2, l = 2. *)
Definition network_V (K : nat) λ γ M : R := ln (1 + exp (- (M ** INR K * γ))) + λ * M ** 2.
Definition network_U K λ γ U : Prop :=
  (exists M, 0 <= M /\ network_V K λ γ M = U) /\ forall M, 0 <= M -> U <= network_V K λ γ M.
Definition network_s0 (n : nat) γ U : R := / γ * ln (/ (exp (n * U) - 1)).
Definition network_h (n : nat) γ t : R := / t * ln (exp (t * γ) * ((1 + exp (- (t * γ))) ^ n - 1)).
Definition Corollary_3_2_Q : Prop := forall (Act : activation) d K n filler (D : law (vec * R)) C,
  (2 <= K)%nat -> (1 <= n)%nat -> is_law D -> labels_are_signs D ->
  (forall x y, atom D (x, y) -> len d x <= C) -> forall δ, 0 < δ ->
  1 - δ <= Pr (sample filler n D) (fun s => let x i := fst (s i) in let y i := snd (s i) in
    forall m γ λ U W, architecture d K m -> 0 < γ -> network_max_margin K m n x y γ ->
      0 < λ -> network_minimiser K m n x y λ W -> network_U K λ γ U -> n * U < ln 2 ->
      network_h n γ (network_s0 n γ U) < γ ->
      error D (net K m W) <= bound (χ K) C K n δ (γ - network_h n γ (network_s0 n γ U))).

(** Theorem 3.3: the maximum margins exist, grow with the widths, and the bound of Corollary 3.2 falls. *)
Definition Theorem_3_3 : Prop := forall (Act : activation) K m m' n (x : nat -> vec) (y : nat -> R) C δ,
  (2 <= K)%nat -> (1 <= n)%nat -> (forall i, (i < n)%nat -> y i = 1 \/ y i = -1) ->
  (forall i, (i < n)%nat -> len (m O) (x i) <= C) ->
  m' O = m O -> m K = 1%nat -> m' K = 1%nat -> (forall k, (k <= K)%nat -> (m k <= m' k)%nat) ->
  exists γ γ', network_max_margin K m n x y γ /\ network_max_margin K m' n x y γ' /\ γ <= γ' /\
    (0 < γ -> bound (χ K) C K n δ γ' <= bound (χ K) C K n δ γ).
