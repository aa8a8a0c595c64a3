// An unsigned comparison as the borrow of a subtraction alone: from bit to bit the majority of not x, y and the borrow below.
(* techmap_celltype = "$lt $gt $le $ge" *)
module fmaq_less (A, B, Y);
    parameter A_SIGNED = 0;
    parameter B_SIGNED = 0;
    parameter A_WIDTH = 1;
    parameter B_WIDTH = 1;
    parameter Y_WIDTH = 1;
    parameter _TECHMAP_CELLTYPE_ = "";
    input [A_WIDTH-1:0] A;
    input [B_WIDTH-1:0] B;
    output [Y_WIDTH-1:0] Y;

    localparam W = A_WIDTH > B_WIDTH ? A_WIDTH : B_WIDTH;
    localparam SWAP = _TECHMAP_CELLTYPE_ == "$gt" || _TECHMAP_CELLTYPE_ == "$le";
    localparam NOT = _TECHMAP_CELLTYPE_ == "$le" || _TECHMAP_CELLTYPE_ == "$ge";
    wire _TECHMAP_FAIL_ = A_SIGNED || B_SIGNED;

    wire [W-1:0] x = SWAP ? B : A;
    wire [W-1:0] y = SWAP ? A : B;
    wire [W:0] borrow = {(~x & y) | (borrow[W-1:0] & (~x | y)), 1'b0};
    assign Y = NOT ? ~borrow[W] : borrow[W];
endmodule
