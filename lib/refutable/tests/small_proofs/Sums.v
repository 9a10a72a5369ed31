Require Import Arith Lia Classical.
From Small Require Import Statements.

Theorem theorem_1 : Theorem_1.
Proof. intro n; induction n as [|n IH]; simpl in *; lia. Qed.

Theorem twin_1 : ~ Twin_1.
Proof. intro H; specialize (H 1); discriminate. Qed.

Theorem theorem_2 : Theorem_2.
Proof. exact classic. Qed.

Theorem twin_2 : ~ Twin_2.
Proof. intro H; exact (H False). Qed.
