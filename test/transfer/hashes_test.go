package transfer

const (
	bcryptHash = "$2a$06$4U.lNWrSxGQvMQp0OSwW1Os1SZlUCjgLDwITiQT/eAGiTocjjh5Rq"
	scryptHash = "$scrypt$ln=12,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$VA32KpHzNXShEG1vkrKMjhIJ3iaXEx7iE3MGRaRi6XY"
	argonHash  = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$DiR1KKlOn2YLbLOL36N+N0eLxFq/QkK5AibdS+7CzXQ"
	pbkdf2Hash = "$pbkdf2-sha256$i=10000$MDEyMzQ1Njc4OWFiY2RlZg$mfiZ20Hl/lc1I90Ow9QxguvqpqZPc8NsXoli2u/TTGI"
)
