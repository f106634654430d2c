(/*operand*/ IS NOT NULL AND /*operand*/ STARTS WITH /*value*/)
