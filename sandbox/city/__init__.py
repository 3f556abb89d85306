"""The simulated city of Kota Muara Sari: invented people who complain over real protocols, and the truth about it.

`plan.plan_city` draws everything from a seed, `traffic.CityTraffic` sends it, `truth.score` compares what a pipeline
found with what there was. The truth never travels with the traffic.
"""
