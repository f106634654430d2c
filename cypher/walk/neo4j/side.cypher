    MATCH p = (root)/*from*/-[:CONSUMED_BY|PRODUCED*0../*hops*/]-/*to*/(n)/*enters*/
    WITH n, min(length(p)) AS hop/*stopped*/
    RETURN /*reached*/, hop, /*side*/ AS side
