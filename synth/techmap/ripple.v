// Carries of a ripple adder, in place of the prefix tree of Yosys' own library.
(* techmap_celltype = "$lcu" *)
module fmaq_ripple (P, G, CI, CO);
    parameter WIDTH = 2;
    input [WIDTH-1:0] P, G;
    input CI;
    output [WIDTH-1:0] CO;

    wire [WIDTH:0] carry = {G | (P & carry[WIDTH-1:0]), CI};
    assign CO = carry[WIDTH:1];
endmodule
