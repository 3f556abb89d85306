"""What operators see, made from code: the catalogue of metrics, Grafana's boards, Prometheus' rules."""
