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

(** Theorem 2.2 without n (l-1) >= 2. *)
Definition Twin_2_2 : Prop := forall (M : model) γ c λ β Θ Θ',
  0 < γ -> max_margin γ -> c >= c0 ->
  λ = exp (- (2 ** q - 1) ** (- / q)) * (γ ** q / N ** c) ->
  1 <= β <= 2 -> minimiser λ Θ -> loss λ Θ' <= β * loss λ Θ -> 0 < norm Θ' ->
  γ / (10 * β ** (a / r)) <= normalised_margin Θ'.
(** Theorem 2.2-Q with β left out on the right. *)
Definition Twin_2_2_Q : Prop := forall (M : model) λ β Θ Θ' U,
  0 < λ -> 1 <= β -> minimiser λ Θ -> loss λ Θ' <= β * loss λ Θ -> loss λ Θ <= U -> n * β * U < ln 2 ->
  0 < norm Θ' -> - ln (exp (n * U) - 1) * (λ / U) ** (a / r) <= normalised_margin Θ'.
(** Theorem 2.2-I with 2 in place of the lower bounds of c. *)
Definition Twin_2_2_I : Prop := forall (M : model) γ c λ β Θ Θ',
  N >= 2 -> 0 < γ -> max_margin γ ->
  (q <= 1 /\ c >= 2 /\ λ = γ ** q * (q / N) ** c) \/ (q >= 1 /\ c >= 2 /\ λ = γ ** q * N ** (- c)) ->
  1 <= β <= 2 -> minimiser λ Θ -> loss λ Θ' <= β * loss λ Θ ->
  0 < norm Θ' /\ γ / (10 * β ** (a / r)) <= normalised_margin Θ'.

(** Theorem A.3 for parameters whose loss is within 2 % of the minimum. *)
Definition Twin_A_3 : Prop := forall (M : Binary.model) γ, Binary.max_margin γ -> 0 < γ ->
  forall ε, 0 < ε -> for_small_λ (fun λ => forall Θ Θ', Binary.minimiser λ Θ' ->
    Binary.loss λ Θ <= 1.02 * Binary.loss λ Θ' -> Rabs (Binary.normalised_margin Θ - γ) < ε).

(** Theorem 2.1-L without convexity. *)
Definition Twin_2_1_L : Prop := forall (M : Binary.model) γ, 0 < γ -> Binary.max_margin γ ->
  forall w, Binary.is_p_star γ w ->
    forall ε, 0 < ε -> for_small_λ (fun λ => forall Θ, Binary.minimiser λ Θ ->
      Rabs (Binary.s Θ * (γ - Binary.normalised_margin Θ) -
            (Binary.entropy w + ln (Binary.largest w))) < ε).

(** * Section 3 *)

(** Theorem C.1 with some c < 1 in place of 4. (The best constant is between 1 and 4.) *)
Definition Twin_C_1 : Prop := exists c, c < 1 /\
  forall X (filler : X * R) (D : law (X * R)) (F : (X -> R) -> Prop) C n,
  is_law D -> (1 <= n)%nat -> labels_are_signs D ->
  (forall g x y, F g -> atom D (x, y) -> Rabs (g x) <= C) ->
  forall δ, 0 < δ ->
  1 - δ <= Pr (sample filler n D) (fun s => forall g γ, F g -> 0 < γ <= C ->
    error D g <= training_error n s g γ + c / γ * expected_complexity filler n F D
                 + sqrt (ln (log2 (4 * C / γ)) / n) + sqrt (ln (1 / δ) / (2 * n))).
(** The empirical form with some c < 1 in place of 4. *)
Definition Twin_C_1_empirical : Prop := exists c, c < 1 /\
  forall X (filler : X * R) (D : law (X * R)) (F : (X -> R) -> Prop) C n,
  is_law D -> (1 <= n)%nat -> labels_are_signs D ->
  (forall g x y, F g -> atom D (x, y) -> Rabs (g x) <= C) ->
  forall δ, 0 < δ ->
  1 - δ <= Pr (sample filler n D) (fun s => forall g γ, F g -> 0 < γ <= C ->
    error D g <= training_error n s g γ + c / γ * empirical_complexity n F s
                 + 3 * sqrt (ln (log2 (4 * C / γ)) / n) + 3 * sqrt (ln (1 / δ) / (2 * n))).

(** Lemma C.2 (i) with a constant that is 2 % smaller. *)
Definition Twin_C_2 : Prop := forall (Act : activation) d K g x, (2 <= K)%nat -> deep d K g ->
  Rabs (g x) <= 0.98 * (Rpower K (- (K / 2)) * len d x).
(** Lemma C.2 (ii) with some c < 1 in place of 1 + sqrt (2 (K-1) ln 2), at any depth K. *)
Definition Twin_C_2_ii : Prop := exists c K, c < 1 /\ (2 <= K)%nat /\
  forall (Act : activation) d n x, (1 <= n)%nat ->
  complexity n (deep d K) (fun g i => g (x i)) <= c * (Rpower K (- (K / 2)) * frob_X d n x / n).
(** Lemma C.2-S: the lower bound with 2 % more, the upper bound with 49 % of it. *)
Definition Twin_C_2_S : Prop := forall (Act : activation) d n (x : nat -> vec) K,
  (1 <= d)%nat -> (1 <= n)%nat -> (2 <= K)%nat -> (forall t, σ t = relu t) ->
  1.02 * (2 * Rpower K (- (K / 2)) * complexity n (deep d 2) (fun g i => g (x i)))
    <= complexity n (deep d K) (fun g i => g (x i)).
Definition Twin_C_2_S_upper : Prop := forall (Act : activation) d n (x : nat -> vec),
  (1 <= d)%nat -> (1 <= n)%nat ->
  complexity n (deep d 2) (fun g i => g (x i)) <= 0.49 * (frob_X d n x / n).

(** Proposition 3.1 with a tenth of the leading constant. *)
Definition Twin_3_1 : Prop := forall (Act : activation) d K n filler (D : law (vec * R)) C,
  (2 <= K)%nat -> (1 <= n)%nat -> is_law D -> labels_are_signs D ->
  (forall x y, atom D (x, y) -> len d x <= C) -> forall δ, 0 < δ ->
  1 - δ <= Pr (sample filler n D) (fun s => forall m W γ, architecture d K m -> 0 < γ ->
    (forall i, (i < n)%nat -> γ <= snd (s i) * net K m (normalised K m W) (fst (s i))) ->
    error D (net K m W) <= bound (0.1 * χ K) C K n δ γ).
(** Corollary 3.2 with a tenth of the leading constant. *)
Definition Twin_3_2 : Prop := forall (Act : activation) d K n filler (D : law (vec * R)) C,
  (2 <= K)%nat -> (1 <= n)%nat -> is_law D -> labels_are_signs D ->
  (forall x y, atom D (x, y) -> len d x <= C) -> forall δ, 0 < δ ->
  1 - δ <= Pr (sample filler n D) (fun s => let x i := fst (s i) in let y i := snd (s i) in
    forall m γ, architecture d K m -> 0 < γ -> network_max_margin K m n x y γ ->
    forall ε, 0 < ε -> for_small_λ (fun λ => forall W, network_minimiser K m n x y λ W ->
      error D (net K m W) <= bound (0.1 * χ K) C K n δ γ + ε)).

(** Corollary 3.2-Q with a tenth of the leading constant. *)
Definition Twin_3_2_Q : Prop := forall (Act : activation) d K n filler (D : law (vec * R)) C,
  (2 <= K)%nat -> (1 <= n)%nat -> is_law D -> labels_are_signs D ->
  (forall x y, atom D (x, y) -> len d x <= C) -> forall δ, 0 < δ ->
  1 - δ <= Pr (sample filler n D) (fun s => let x i := fst (s i) in let y i := snd (s i) in
    forall m γ λ U W, architecture d K m -> 0 < γ -> network_max_margin K m n x y γ ->
      0 < λ -> network_minimiser K m n x y λ W -> network_U K λ γ U -> n * U < ln 2 ->
      network_h n γ (network_s0 n γ U) < γ ->
      error D (net K m W) <= bound (0.1 * χ K) C K n δ (γ - network_h n γ (network_s0 n γ U))).

(** Theorem 3.3 in the mean-field scaling, where the output is divided by the width. *)
Definition mean_field_margin {Act : activation} K m n (x : nat -> vec) (y : nat -> R) W g : Prop :=
  forall i, (i < n)%nat -> g <= y i * (net K m W (x i) / m 1%nat).
Definition mean_field_max_margin {Act : activation} K m n x y γ : Prop :=
  (exists W, norm2 K m W <= 1 /\ mean_field_margin K m n x y W γ) /\
  forall W g, norm2 K m W <= 1 -> mean_field_margin K m n x y W g -> g <= γ.
Definition Twin_3_3 : Prop := forall (Act : activation) K m m' n (x : nat -> vec) (y : nat -> R) γ γ',
  (2 <= K)%nat -> m' O = m O -> m K = 1%nat -> m' K = 1%nat ->
    (forall k, (k <= K)%nat -> (m k <= m' k)%nat) ->
  mean_field_max_margin K m n x y γ -> mean_field_max_margin K m' n x y γ' -> γ <= γ'.
