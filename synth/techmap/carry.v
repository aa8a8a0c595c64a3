// x + y + one bit as one adder with a carry in, where Yosys would build two adders. Yosys gathers such a sum in a $macc, whose
// CONFIG lists its summands: 4 bits with the width B of the widths that follow; for each summand two flags (signed,
// subtracted), its width and that of a factor; summands of a single bit may stand in port B.
(* techmap_celltype = "$macc" *)
module fmaq_carry (A, B, Y);
    parameter CONFIG = 0;
    parameter CONFIG_WIDTH = 4;
    parameter A_WIDTH = 1;
    parameter B_WIDTH = 0;
    parameter Y_WIDTH = 1;
    input [A_WIDTH-1:0] A;
    input [B_WIDTH-1:0] B;
    output [Y_WIDTH-1:0] Y;

    localparam BITS = CONFIG & 15;
    localparam ROW = 2 + 2*BITS;
    localparam N = (CONFIG_WIDTH - 4) / ROW;
    localparam MASK = (1 << BITS) - 1;
    localparam W0 = (CONFIG >> 6) & MASK;
    localparam W1 = N > 1 ? (CONFIG >> (ROW + 6)) & MASK : 0;
    localparam W2 = N > 2 ? (CONFIG >> (2*ROW + 6)) & MASK : 0;
    localparam FLAGS = ((CONFIG >> 4) | (CONFIG >> (ROW + 4)) | (N > 2 ? CONFIG >> (2*ROW + 4) : 0)) & 3;
    // Which summand is the bit: 3 stands for port B, 4 for none.
    localparam BIT = N == 2 && B_WIDTH == 1 ? 3
                   : N != 3 || B_WIDTH != 0 ? 4
                   : W0 == 1 ? 0 : W1 == 1 ? 1 : W2 == 1 ? 2 : 4;
    // Factors would make A wider than the summands.
    wire _TECHMAP_FAIL_ = BIT == 4 || FLAGS != 0 || W0 + W1 + W2 != A_WIDTH;

    wire [Y_WIDTH-1:0] s0 = A & ((1 << W0) - 1);
    wire [Y_WIDTH-1:0] s1 = (A >> W0) & ((1 << W1) - 1);
    wire [Y_WIDTH-1:0] s2 = A >> (W0 + W1);
    wire [Y_WIDTH-1:0] x = BIT == 0 ? s2 : s0;
    wire [Y_WIDTH-1:0] y = BIT == 1 ? s2 : s1;
    wire [Y_WIDTH-1:0] half, carry;
    \$alu #(.A_SIGNED(0), .B_SIGNED(0), .A_WIDTH(Y_WIDTH), .B_WIDTH(Y_WIDTH), .Y_WIDTH(Y_WIDTH)) sum (
        .A(x), .B(y), .BI(1'b0), .CI(BIT == 0 ? s0[0] : BIT == 1 ? s1[0] : BIT == 2 ? s2[0] : B[0]),
        .X(half), .Y(Y), .CO(carry));
endmodule
